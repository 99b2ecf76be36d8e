"""A second connection to a store that the daemon may have open: to read, and to write what is small and its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from guestwire.errors import StartError
from guestwire.monitor.store import schema

if TYPE_CHECKING:
    from pathlib import Path


class Beside:
    """Rows of alerts, silences and guests; samples are the daemon's alone.

    Raises StartError when the file is no store of this version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.db = schema.connect(path)
        except sqlite3.Error as error:
            raise StartError(f"{path}: cannot open the store: {error}") from None
        try:
            version = self.db.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.Error as error:
            self.db.close()
            raise StartError(f"{path}: cannot open the store: {error}") from None
        if version != schema.CURRENT:
            self.db.close()
            raise StartError(f"{path}: is no guestwire store of version {schema.CURRENT} (it says {version})")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction. Raises StartError when the file takes nothing."""
        try:
            self.db.execute("BEGIN IMMEDIATE")
            yield
            self.db.execute("COMMIT")
        except sqlite3.Error as error:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            raise StartError(f"{self.path}: {error}") from None

    def guests(self) -> dict[str, tuple[int, str]]:
        """(number, name) of each guest by identity."""
        rows = self.db.execute("SELECT identity, id, name FROM guest")
        return {identity: (number, name) for identity, number, name in rows}

    def close(self) -> None:
        """Close the connection."""
        self.db.close()

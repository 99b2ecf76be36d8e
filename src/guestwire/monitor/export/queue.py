"""A bounded queue of request bodies on disk: what cannot be sent waits, and if need be the oldest goes."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple

from guestwire.errors import StartError


class Item(NamedTuple):
    """One body and its number in the queue."""

    seq: int
    body: bytes


class Queue:
    """Bodies in the order they came; at most `limit` bytes of them. `dropped` counts bodies given up."""

    def __init__(self, path: Path, limit: int = 256 << 20) -> None:
        self.limit = limit
        self.dropped = 0
        self.trouble: str | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA auto_vacuum = INCREMENTAL")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("CREATE TABLE IF NOT EXISTS queue (seq INTEGER PRIMARY KEY, body BLOB NOT NULL)")
            query = "SELECT coalesce(sum(length(body)), 0), count(*), coalesce(max(seq), 0) FROM queue"
            self.bytes, self.count, self._last = self._db.execute(query).fetchone()
        except (sqlite3.Error, OSError) as error:
            raise StartError(f"{path}: cannot open the queue: {error}") from None

    def put(self, body: bytes) -> bool:
        """Append a body; False (and `trouble` set) if the disk does not take it."""
        try:
            self._db.execute("INSERT INTO queue (seq, body) VALUES (?, ?)", (self._last + 1, body))
        except sqlite3.Error as error:
            self.trouble = str(error)
            self.dropped += 1
            return False
        self.trouble = None
        self._last += 1
        self.bytes += len(body)
        self.count += 1
        while self.bytes > self.limit and self.count > 1:
            oldest = self.first()
            assert oldest is not None
            self.done(oldest)
            self.dropped += 1
        return True

    def first(self) -> Item | None:
        """The oldest body."""
        row = self._db.execute("SELECT seq, body FROM queue ORDER BY seq LIMIT 1").fetchone()
        return Item(*row) if row else None

    def done(self, item: Item) -> None:
        """Forget a body that was sent (or given up)."""
        if self._db.execute("DELETE FROM queue WHERE seq = ?", (item.seq,)).rowcount:
            self.bytes -= len(item.body)
            self.count -= 1
            if self.count % 64 == 0:
                self._db.executescript("PRAGMA incremental_vacuum(256)")

    def close(self) -> None:
        """Close the file; what is in it stays for the next start."""
        self._db.close()

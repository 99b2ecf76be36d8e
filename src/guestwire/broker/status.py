"""RUN_DIR/status.json: what the broker knows of its guests, for programs that look for them."""

from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_PAUSE = 0.25  # seconds between two writings at least: guests and clients may come and go in crowds


class StatusFile:
    """`path` is replaced as a whole, some time after `touch`, by what `seen` says then."""

    def __init__(self, path: Path, seen: Callable[[], dict[str, Any]], mode: int = 0o644) -> None:
        self._path = path
        self._seen = seen
        self._mode = mode
        self._alarm: asyncio.TimerHandle | None = None
        self.trouble = ""

    def touch(self) -> None:
        """Something has changed."""
        if self._alarm is None:
            self._alarm = asyncio.get_running_loop().call_later(_PAUSE, self.write)

    def write(self) -> None:
        """Write now. A disk that takes it not is noted in `trouble`, and tried again at the next change."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        new = self._path.with_suffix(".new")
        try:
            new.unlink(missing_ok=True)
            with open(
                os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, self._mode), "w", encoding="ascii"
            ) as file:
                json.dump(self._seen(), file, indent=1)
                file.write("\n")
            new.replace(self._path)
        except OSError as error:
            self.trouble = f"{self._path}: {error.strerror}"
        else:
            self.trouble = ""

    def frozen(self) -> set[str]:
        """The guests that an earlier broker, which did not end well, has left frozen."""
        try:
            guests = json.loads(self._path.read_bytes())["guests"]
            return {name for name, guest in guests.items() if guest["lease"]}
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return set()

    def remove(self) -> None:
        """The broker ends."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._path.unlink(missing_ok=True)

"""A freeze through the broker is a lease: it has an owner and an end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from guestwire.broker.turns import THAW

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from guestwire.broker.answers import Answer

FREEZES = ("guest-fsfreeze-freeze", "guest-fsfreeze-freeze-list")


class Lease:
    """One guest's. `thaw` is called when the lease runs out or its owner has left."""

    def __init__(self, loop: asyncio.AbstractEventLoop, thaw: Callable[[], None]) -> None:
        self._loop = loop
        self._thaw = thaw
        self._alarm: asyncio.TimerHandle | None = None
        self.owner: object = None
        self.name = ""
        self.ends: float | None = None

    def note(self, command: str, answer: Answer, owner: object, name: str, seconds: float) -> bool:
        """Take in the answer to `command`; returns whether the lease has changed."""
        if not answer.good:
            return False
        if command in FREEZES:
            self.end()
            self.owner, self.name, self.ends = owner, name, time.time() + seconds
            self._alarm = self._loop.call_later(seconds, self._thaw)
            return True
        if command == THAW and self.ends is not None:
            self.end()
            return True
        return False

    def leave(self, owner: object) -> None:
        """`owner` has gone."""
        if self.ends is not None and self.owner is owner:
            self._thaw()

    def end(self) -> None:
        """The guest is thawed."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self.owner = self.ends = None
        self.name = ""

    def seen(self) -> dict[str, object] | None:
        """For status: who, and until when."""
        return None if self.ends is None else {"owner": self.name, "ends": round(self.ends, 3)}

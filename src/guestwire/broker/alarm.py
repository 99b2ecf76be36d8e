"""One timer for many deadlines, most of which are met: it is set anew only when it goes off or would come too late."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable


class Alarm:
    """`ring` is called once `due` (on the loop's clock) has passed, unless `due` is moved on before; it may be called
    when nothing is due any more.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> None:
        self._loop = loop
        self._ring = ring
        self._handle: asyncio.TimerHandle | None = None
        self.due = 0.0

    def set(self, due: float) -> None:
        """Ring at `due`, not before."""
        self.due = due
        handle = self._handle
        if handle is None or handle.when() > due:
            if handle is not None:
                handle.cancel()
            self._handle = self._loop.call_at(due, self._off)

    def stop(self) -> None:
        """Ring no more."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _off(self) -> None:
        self._handle = None
        if self._loop.time() < self.due:
            self.set(self.due)
        else:
            self._ring()

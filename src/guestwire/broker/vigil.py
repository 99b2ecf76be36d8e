"""The event loop kept awake for a moment, where what comes next is likely to be there before sleep would pay.

A request through the broker wakes four programs where a direct one wakes two, and that is most of what the broker adds
to a ping. See `guestwire.client.transports.polling`. The loop goes round meanwhile and serves whatever else arrives:
nobody waits for a vigil.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from guestwire.client.transports.polling import SPAN, Polling

if TYPE_CHECKING:
    import asyncio


class Vigil:
    """For one kind of event of one guest. It costs next to nothing where it does not pay: see `Polling`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._polling = Polling()
        self._ends = 0.0
        self._turning = False

    def keep(self) -> None:
        """Stay awake for the event, if that has paid of late."""
        if self._ends == 0.0 and self._polling.worth_it():
            self._ends = self._loop.time() + SPAN
            if not self._turning:
                self._turning = True
                self._loop.call_soon(self._turn)

    def met(self) -> None:
        """It came."""
        if self._ends:
            self._polling.ended(self._loop.time() < self._ends)
            self._ends = 0.0

    def _turn(self) -> None:
        if self._loop.time() < self._ends:
            self._loop.call_soon(self._turn)
            return
        self._turning = False
        if self._ends:
            self._ends = 0.0
            self._polling.ended(False)

"""The timer of the loop on Windows, which has no signals: the warden's own thread waits for it.

A command costs two assignments. Only the first one after a quiet time wakes the warden, which then looks every
`PATIENCE` seconds until it has found nothing under way once.
"""

from __future__ import annotations

from _thread import allocate_lock
from time import monotonic

from guestwire.agent.baton import PATIENCE


class WindowsAlarm:
    """`arm`, `disarm` and `wake` are the loop's; `wait` is the warden's. `ended` is set by `end`."""

    def __init__(self) -> None:
        self._bell = allocate_lock()  # held: silent
        self._bell.acquire()
        self._due: float | None = None
        self._quiet = True
        self.ended = False

    def arm(self) -> None:
        """Start the time."""
        self._due = monotonic() + PATIENCE
        if self._quiet:
            self._quiet = False
            self.wake()

    def disarm(self) -> None:
        """The command has returned."""
        self._due = None

    def wake(self) -> None:
        """Something else wants the warden's attention."""
        try:
            self._bell.release()
        except RuntimeError:
            pass  # rung already

    def end(self) -> None:
        """The agent is to end: the service manager, or Ctrl-C, wants it so."""
        self.ended = True
        self.wake()

    def wait(self, seconds: float) -> bool:
        """Until something happens, `seconds` at most. True when a command has used up its time."""
        due = self._due
        if due is None:
            self._quiet = True
            due = self._due  # armed in between, by a thread that still saw False
        if due is None:
            self._bell.acquire(timeout=seconds)
            return False
        self._quiet = False
        left = due - monotonic()
        if left <= 0:
            self._due = None
            return True
        self._bell.acquire(timeout=min(left, seconds))
        return False

"""The timer that tells the warden of a command that takes long: two system calls a command, no thread switch.

`ITIMER_REAL` sends SIGALRM to the process. Every thread blocks it; the warden takes it with sigtimedwait().
"""

from __future__ import annotations

import os
from _signal import ITIMER_REAL, SIGALRM, setitimer

from guestwire.agent.baton import PATIENCE


class Alarm:
    """Rings once, `PATIENCE` seconds after `arm()`, unless it is disarmed."""

    def arm(self) -> None:
        """Start the time."""
        setitimer(ITIMER_REAL, PATIENCE)

    def disarm(self) -> None:
        """The command has returned."""
        setitimer(ITIMER_REAL, 0)

    def wake(self) -> None:
        """Ring now: something else wants the warden's attention."""
        os.kill(os.getpid(), SIGALRM)

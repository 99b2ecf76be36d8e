"""guest-set-time on Linux."""

from __future__ import annotations

import os
import time as clock

from guestwire.agent.system.linux import rtc
from guestwire.agent.system.linux.helper import run_helper
from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guestwire.agent.state import AgentState

_HWCLOCKS = ("/sbin/hwclock", "/usr/sbin/hwclock")
# The C agent says so for either direction.
_ACTION = "set hardware clock to system time"
_SECOND = 1_000_000_000  # nanoseconds
_YEAR_2070 = 3_155_760_000  # seconds


def guest_set_time(agent: AgentState, time: int | None = None) -> None:
    """Set the clock to `time` (nanoseconds since the epoch, before the year 2070) and the hardware clock
    after it; without `time`, set the clock from the hardware clock.

    hwclock(8) moves the time between the two where it is installed, the kernel's RTC device where not.
    """
    if time is not None:
        if not -_SECOND < time < _YEAR_2070 * _SECOND:
            raise CommandError("Invalid time")
        _set_clock(time)
    hwclock = _find_hwclock(agent.root)
    if hwclock is not None:
        run_helper([hwclock, "-s" if time is None else "-w"], _ACTION)
        return
    try:
        if time is None:
            now = int(rtc.read(agent.root) * _SECOND)
        else:
            rtc.write(agent.root, clock.time())
    except OSError as error:
        raise CommandError.from_os(f"failed to {_ACTION}", error) from None
    if time is None:
        _set_clock(now)


def _set_clock(nanoseconds: int) -> None:
    try:
        clock.clock_settime_ns(clock.CLOCK_REALTIME, nanoseconds)
    except OSError as error:
        raise CommandError.from_os("Failed to set time to guest", error) from None


def _find_hwclock(root: str) -> str | None:
    for path in _HWCLOCKS:
        if os.access(root + path, os.X_OK):
            return root + path
    return None

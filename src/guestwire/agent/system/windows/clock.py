"""Setting the clock (SetSystemTime), and Windows' way of counting time."""

from __future__ import annotations

import ctypes
import time

from guestwire.agent.system.windows.privileges import enable
from guestwire.agent.system.windows.win32 import WORD, function, last_error

_MILLISECOND = 1_000_000  # nanoseconds


class SYSTEMTIME(ctypes.Structure):
    """UTC, to the millisecond; Sunday is day 0 of the week."""

    _fields_ = tuple(
        (name, WORD)
        for name in ("wYear", "wMonth", "wDayOfWeek", "wDay", "wHour", "wMinute", "wSecond", "wMilliseconds")
    )


def systemtime(nanoseconds: int) -> SYSTEMTIME:
    """Nanoseconds since 1970 as Windows' calendar time, cut to milliseconds."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    at = time.gmtime(seconds)
    return SYSTEMTIME(
        at.tm_year,
        at.tm_mon,
        (at.tm_wday + 1) % 7,
        at.tm_mday,
        at.tm_hour,
        at.tm_min,
        at.tm_sec,
        rest // _MILLISECOND,
    )


def set_clock(nanoseconds: int) -> None:
    """Set the clock. OSError when Windows refuses."""
    enable("SeSystemtimePrivilege")
    wanted = systemtime(nanoseconds)
    if not function("kernel32", "SetSystemTime", ctypes.c_int, ctypes.c_void_p)(ctypes.addressof(wanted)):
        raise last_error()

"""The hardware clock through the kernel's own device, rtc(4), for systems without hwclock(8)."""

from __future__ import annotations

import os
import time
from _struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    # fcntl.ioctl(fd, request, data) -> data
    Ioctl = Callable[[int, int, bytes], bytes]

_DEVICES = ("/dev/rtc", "/dev/rtc0", "/dev/misc/rtc")
# struct rtc_time: seconds, minutes, hours, day, month from 0, year from 1900, and three that are not used.
_FIELDS = Struct("=9i")
# RTC_RD_TIME and RTC_SET_TIME, kernel include/uapi/linux/rtc.h; the direction bits differ on some machines.
_READ, _SET = 0x80247009, 0x4024700A
_READ_SWAPPED, _SET_SWAPPED = 0x40247009, 0x8024700A
_SWAPPED_MACHINES = ("ppc", "mips", "sparc", "alpha")
# A clock tells whole seconds: how long its next tick is awaited, and how often it is looked at, in seconds.
_TICK_WAIT = 1.5
_TICK_LOOK = 0.005


def read(root: str, ioctl: Ioctl | None = None) -> float:
    """Seconds since the epoch at the clock's next tick. OSError when there is no clock."""
    fd = _open(root, os.O_RDONLY)
    try:
        call = ioctl or _ioctl
        first = now = call(fd, _requests()[0], bytes(_FIELDS.size))
        deadline = time.monotonic() + _TICK_WAIT
        while now == first and time.monotonic() < deadline:
            time.sleep(_TICK_LOOK)
            now = call(fd, _requests()[0], bytes(_FIELDS.size))
    finally:
        os.close(fd)
    second, minute, hour, day, month, year = _FIELDS.unpack(now)[:6]
    if _is_local(root):
        return time.mktime((year + 1900, month + 1, day, hour, minute, second, 0, 0, -1))
    from datetime import date

    days = date(year + 1900, month + 1, day).toordinal() - date(1970, 1, 1).toordinal()
    return float(((days * 24 + hour) * 60 + minute) * 60 + second)


def write(root: str, seconds: float, ioctl: Ioctl | None = None) -> None:
    """Set the clock to `seconds` since the epoch, rounded. OSError when there is no clock."""
    to_fields = time.localtime if _is_local(root) else time.gmtime
    at = to_fields(round(seconds))
    fields = (at.tm_sec, at.tm_min, at.tm_hour, at.tm_mday, at.tm_mon - 1, at.tm_year - 1900, 0, 0, 0)
    fd = _open(root, os.O_RDONLY)
    try:
        (ioctl or _ioctl)(fd, _requests()[1], _FIELDS.pack(*fields))
    finally:
        os.close(fd)


def _open(root: str, flags: int) -> int:
    for device in _DEVICES:
        try:
            return os.open(root + device, flags | os.O_CLOEXEC)
        except FileNotFoundError as error:
            missing = error
    raise missing


def _ioctl(fd: int, request: int, data: bytes) -> bytes:
    from fcntl import ioctl

    return ioctl(fd, request, data)


def _requests() -> tuple[int, int]:
    if os.uname().machine.startswith(_SWAPPED_MACHINES):
        return _READ_SWAPPED, _SET_SWAPPED
    return _READ, _SET


def _is_local(root: str) -> bool:
    """Whether the clock holds local time: the third line of /etc/adjtime, see hwclock(8)."""
    try:
        with open(root + "/etc/adjtime", "rb") as file:
            return file.read(4096).split(b"\n")[2].strip() == b"LOCAL"
    except (OSError, IndexError):
        return False

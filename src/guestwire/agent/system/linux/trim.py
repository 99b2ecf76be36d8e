"""FITRIM: tell a disk which blocks of a filesystem are free (linux/fs.h, struct fstrim_range)."""

from __future__ import annotations

from fcntl import ioctl
from struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_FITRIM = 0xC0185879
_RANGE = Struct("=QQQ")  # start, len, minlen in bytes
_ALL = (1 << 64) - 1


def trim(fd: int, minimum: int, submit: Callable[[int, int, bytearray], object] = ioctl) -> tuple[int, int]:
    """Trim the filesystem of an open file: bytes trimmed, and the least extent it took instead of `minimum`."""
    request = bytearray(_RANGE.pack(0, _ALL, minimum))
    submit(fd, _FITRIM, request)
    _, trimmed, used_minimum = _RANGE.unpack(request)
    return trimmed, used_minimum

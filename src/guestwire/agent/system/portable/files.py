"""Reading and writing through plain descriptors, for guest-file-*.

Descriptors are unbuffered, so an error belongs to the call that caused it (the C agent's stdio shows ENOSPC only at
the flush), and a read that finds less than it wanted keeps what it found.
"""

from __future__ import annotations

import os
from errno import ENOENT

_NONBLOCK = getattr(os, "O_NONBLOCK", 0)  # a FIFO without a partner must not hang the open
_NOCTTY = getattr(os, "O_NOCTTY", 0)
_CLOEXEC = getattr(os, "O_CLOEXEC", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_COMMON = _NONBLOCK | _NOCTTY | _CLOEXEC | _BINARY

_WRITE_NEW = os.O_CREAT | os.O_TRUNC
_ACCESS = {
    "r": os.O_RDONLY,
    "w": os.O_WRONLY | _WRITE_NEW,
    "a": os.O_WRONLY | os.O_CREAT | os.O_APPEND,
    "r+": os.O_RDWR,
    "w+": os.O_RDWR | _WRITE_NEW,
    "a+": os.O_RDWR | os.O_CREAT | os.O_APPEND,
}
MODES = {
    spelled: flags
    for mode, flags in _ACCESS.items()
    for spelled in ((mode, mode + "b") if len(mode) == 1 else (mode, mode[0] + "b+", mode[0] + "+b"))
}
"""fopen(3)'s modes, in every spelling that QEMU takes, to open(2)'s flags."""


def open_file(path: bytes, flags: int) -> int:
    """A descriptor. A file made by this call gets mode 0666 whatever the umask is, as the C agent does."""
    try:
        return _open_or_make(path, flags)
    except UnicodeDecodeError:  # Windows has no files whose names are other bytes than UTF-8
        raise FileNotFoundError(ENOENT, os.strerror(ENOENT)) from None


def _open_or_make(path: bytes, flags: int) -> int:
    if not flags & os.O_CREAT:
        return os.open(path, flags | _COMMON)
    try:
        fd = os.open(path, flags | os.O_EXCL | _COMMON, 0o600)
    except FileExistsError:
        return os.open(path, flags & ~os.O_CREAT | _COMMON)
    try:
        if hasattr(os, "fchmod"):
            os.fchmod(fd, 0o666)
    except BaseException:
        os.close(fd)
        raise
    return fd


def read_full(fd: int, count: int) -> tuple[bytes, bool]:
    """Up to `count` bytes, and whether the end of the file stopped the read.

    Stops early where a FIFO or terminal has no more now; raises BlockingIOError only when it has nothing at all.
    """
    data = os.read(fd, count)
    if len(data) == count:
        return data, False
    parts = [data]
    while data and len(data) < count:
        count -= len(data)
        try:
            data = os.read(fd, count)
        except BlockingIOError:
            return b"".join(parts), False
        parts.append(data)
    return b"".join(parts), not data


def write_full(fd: int, data: bytes | memoryview) -> int:
    """Write all of it; the count is smaller only where a FIFO or terminal takes no more now."""
    view = memoryview(data)
    written = os.write(fd, view) if view else 0
    while written < len(view):
        try:
            written += os.write(fd, view[written:])
        except BlockingIOError:
            break
    return written


class RestorePoint:
    """Where a regular file stood before a write at its end, so that a failed write can be undone."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self.position = os.lseek(fd, 0, os.SEEK_CUR)
        self.size = os.fstat(fd).st_size
        appends = _appends(fd)
        self.at_end = appends or self.position >= self.size
        self.start = self.size if appends else self.position

    def keep(self, written: int, count: int) -> None:
        """Of `written` bytes at the end, keep the first `count`. What others appended meanwhile is left alone."""
        if os.fstat(self._fd).st_size == self.start + written:
            os.ftruncate(self._fd, self.start + count if count else self.size)
        os.lseek(self._fd, self.start + count if count else self.position, os.SEEK_SET)


def restore_point(fd: int) -> RestorePoint | None:
    """None when the file is none that can be cut back: a device, a FIFO, or a write inside old data."""
    import stat

    if not stat.S_ISREG(os.fstat(fd).st_mode):
        return None
    point = RestorePoint(fd)
    return point if point.at_end else None


def _appends(fd: int) -> bool:
    try:
        from fcntl import F_GETFL, fcntl
    except ImportError:  # Windows: the position says it, for O_APPEND puts it at the end
        return False
    return bool(fcntl(fd, F_GETFL) & os.O_APPEND)

"""Kernel files that are read again and again: one open descriptor, one system call a reading.

For fixed names under /proc and /sys only, so that the number of descriptors stays small. Such files make
their content anew whenever they are read from offset 0 (kernel: fs/seq_file.c, fs/kernfs/file.c).
"""

from __future__ import annotations

import os

_PAGE = 4096
_CHUNK = 64 * 1024

_open_files: dict[str, int] = {}


def read_attribute(path: str) -> bytes:
    """A whole sysfs attribute, which never holds more than one page. OSError when there is none."""
    try:
        return os.pread(_open_files[path], _PAGE, 0)
    except (KeyError, OSError):
        return os.pread(_open_anew(path), _PAGE, 0)


def read_table(path: str) -> bytes:
    """A whole file of /proc, however long. OSError when there is none."""
    try:
        return _read_all(_open_files[path])
    except (KeyError, OSError):
        return _read_all(_open_anew(path))


def _read_all(fd: int) -> bytes:
    data = os.pread(fd, _CHUNK, 0)
    while True:
        # The kernel hands out whole records, so a short read is not yet the end.
        more = os.pread(fd, _CHUNK, len(data))
        if not more:
            return data
        data += more


def _open_anew(path: str) -> int:
    """A descriptor goes dead when its device is taken away (ENODEV); the name may be back by now."""
    stale = _open_files.pop(path, -1)
    if stale >= 0:
        os.close(stale)
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    _open_files[path] = fd
    return fd

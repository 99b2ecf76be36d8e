"""The volumes of Windows, by their GUID paths (`\\\\?\\Volume{...}\\`)."""

from __future__ import annotations

import ctypes

from guestwire.agent.system.windows.win32 import DWORD, ERROR_MORE_DATA, HANDLE, function, last_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_INVALID_HANDLE = ctypes.c_void_p(-1).value
_ERROR_NO_MORE_FILES = 18
_MAX_PATH = 261
_DRIVE_FIXED, _DRIVE_CDROM = 3, 5


def volumes() -> Iterator[str]:
    """The GUID path of each volume. OSError when Windows does not tell."""
    name = ctypes.create_unicode_buffer(_MAX_PATH)
    first = function("kernel32", "FindFirstVolumeW", HANDLE, ctypes.c_wchar_p, DWORD)
    following = function("kernel32", "FindNextVolumeW", ctypes.c_int, HANDLE, ctypes.c_wchar_p, DWORD)
    search = first(name, _MAX_PATH)
    if search is None or search == _INVALID_HANDLE:
        raise last_error()
    try:
        yield name.value
        while following(search, name, _MAX_PATH):
            yield name.value
        error = last_error()
        if getattr(error, "winerror", 0) != _ERROR_NO_MORE_FILES:
            raise error
    finally:
        function("kernel32", "FindVolumeClose", ctypes.c_int, HANDLE)(search)


def mount_points(volume: str) -> list[str]:
    """Where a volume is mounted: `C:\\`, or a folder. OSError when Windows does not tell."""
    call = function(
        "kernel32",
        "GetVolumePathNamesForVolumeNameW",
        ctypes.c_int,
        ctypes.c_wchar_p,
        ctypes.c_void_p,
        DWORD,
        ctypes.c_void_p,
    )
    size, needed = _MAX_PATH, DWORD()
    while True:
        names = ctypes.create_unicode_buffer(size)
        if call(volume, ctypes.addressof(names), size, ctypes.addressof(needed)):
            return [name for name in ctypes.wstring_at(ctypes.addressof(names), size).split("\0") if name]
        error = last_error()
        if getattr(error, "winerror", 0) != ERROR_MORE_DATA:
            raise error
        size = max(needed.value, size * 2)


def filesystem(volume: str) -> str:
    """Its type: "NTFS". OSError for a drive without a medium, or a volume without a filesystem."""
    kind = ctypes.create_unicode_buffer(_MAX_PATH)
    text, number, pointer = ctypes.c_wchar_p, DWORD, ctypes.c_void_p
    call = function(
        "kernel32",
        "GetVolumeInformationW",
        ctypes.c_int,
        text,
        text,
        number,
        pointer,
        pointer,
        pointer,
        text,
        number,
    )
    if not call(volume, None, 0, None, None, None, kind, _MAX_PATH):
        raise last_error()
    return kind.value


def space(volume: str) -> tuple[int, int]:
    """Bytes: (all, free). OSError when Windows does not tell."""
    total, free = ctypes.c_uint64(), ctypes.c_uint64()
    call = function("kernel32", "GetDiskFreeSpaceExW", ctypes.c_int, ctypes.c_wchar_p, *[ctypes.c_void_p] * 3)
    if not call(volume, None, ctypes.addressof(total), ctypes.addressof(free)):
        raise last_error()
    return total.value, free.value


def is_cdrom(volume: str) -> bool:
    """CD drives are no filesystems of the machine, as for the C agent."""
    return _drive_type(volume) == _DRIVE_CDROM


def is_fixed(volume: str) -> bool:
    """On a disk of the machine: no CD, no USB stick, no network drive. Wine knows it of mount points only."""
    return any(_drive_type(path) == _DRIVE_FIXED for path in (volume, *mount_points(volume)))


def _drive_type(volume: str) -> int:
    return int(function("kernel32", "GetDriveTypeW", DWORD, ctypes.c_wchar_p)(volume))

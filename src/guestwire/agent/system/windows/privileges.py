"""Rights of the agent's own process, which Windows grants but leaves switched off."""

from __future__ import annotations

import ctypes

from guestwire.agent.system.windows.win32 import DWORD, HANDLE, error_of, function, last_error

_ADJUST_AND_QUERY = 0x20 | 0x08
_SE_PRIVILEGE_ENABLED = 2
_ERROR_NOT_ALL_ASSIGNED = 1300


class TOKEN_PRIVILEGES(ctypes.Structure):
    """With one entry; the LUID is taken as one number of 64 bits."""

    _pack_ = 4
    _fields_ = (("PrivilegeCount", DWORD), ("Luid", ctypes.c_uint64), ("Attributes", DWORD))


def enable(name: str) -> None:
    """Switch on a privilege such as `SeShutdownPrivilege`. OSError when the process does not have it."""
    token = HANDLE()
    myself = function("kernel32", "GetCurrentProcess", HANDLE)()
    open_token = function("advapi32", "OpenProcessToken", ctypes.c_int, HANDLE, DWORD, ctypes.c_void_p)
    if not open_token(myself, _ADJUST_AND_QUERY, ctypes.addressof(token)):
        raise last_error()
    try:
        _adjust(token, _luid_of(name))
    finally:
        function("kernel32", "CloseHandle", ctypes.c_int, HANDLE)(token)


def _luid_of(name: str) -> int:
    luid = ctypes.c_uint64()
    look_up = function(
        "advapi32", "LookupPrivilegeValueW", ctypes.c_int, ctypes.c_wchar_p, ctypes.c_wchar_p, ctypes.c_void_p
    )
    if not look_up(None, name, ctypes.addressof(luid)):
        raise last_error()
    return luid.value


def _adjust(token: ctypes.c_void_p, luid: int) -> None:
    wanted = TOKEN_PRIVILEGES(1, luid, _SE_PRIVILEGE_ENABLED)
    pointer = ctypes.c_void_p
    adjust = function(
        "advapi32",
        "AdjustTokenPrivileges",
        ctypes.c_int,
        HANDLE,
        ctypes.c_int,
        pointer,
        DWORD,
        pointer,
        pointer,
    )
    ctypes.set_last_error(0)  # type: ignore[attr-defined]
    if not adjust(token, 0, ctypes.addressof(wanted), 0, None, None):
        raise last_error()
    if ctypes.get_last_error() == _ERROR_NOT_ALL_ASSIGNED:  # type: ignore[attr-defined]
        raise error_of(_ERROR_NOT_ALL_ASSIGNED)

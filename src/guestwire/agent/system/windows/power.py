"""Shutting down (ExitWindowsEx) and suspending (SetSuspendState)."""

from __future__ import annotations

import ctypes

from guestwire.agent.system.windows.privileges import enable
from guestwire.agent.system.windows.win32 import DWORD, function, last_error

_EWX_SHUTDOWN, _EWX_REBOOT, _EWX_POWEROFF, _EWX_FORCE = 1, 2, 8, 4
_PLANNED = 0x80000000  # SHTDN_REASON_FLAG_PLANNED, the reason that the event log shows

# Mode of guest-shutdown -> flags of ExitWindowsEx: programs that do not answer must not stop it.
FLAGS = {
    "powerdown": _EWX_POWEROFF | _EWX_FORCE,
    "halt": _EWX_SHUTDOWN | _EWX_FORCE,
    "reboot": _EWX_REBOOT | _EWX_FORCE,
}


def shut_down(mode: str) -> None:
    """Begin a shutdown; Windows goes on with it after the call. OSError when it refuses."""
    enable("SeShutdownPrivilege")
    if not function("user32", "ExitWindowsEx", ctypes.c_int, DWORD, DWORD)(FLAGS[mode], _PLANNED):
        raise last_error()


def can_hibernate() -> bool:
    """Whether Windows has a file to hibernate to, and firmware that allows it."""
    return bool(function("powrprof", "IsPwrHibernateAllowed", ctypes.c_uint8)())


def can_suspend() -> bool:
    """Whether the machine has a state in which memory stays under power (S1 to S3)."""
    return bool(function("powrprof", "IsPwrSuspendAllowed", ctypes.c_uint8)())


def suspend(to_disk: bool) -> None:
    """Suspend; returns after the machine has come back. OSError when Windows refuses."""
    enable("SeShutdownPrivilege")
    boolean = ctypes.c_uint8
    call = function("powrprof", "SetSuspendState", boolean, boolean, boolean, boolean)
    if not call(to_disk, 1, 1):  # without asking programs, and without waking up by timers
        raise last_error()

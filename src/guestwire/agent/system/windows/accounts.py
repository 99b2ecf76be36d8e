"""The passwords of local users (NetUserSetInfo)."""

from __future__ import annotations

import ctypes

from guestwire.agent.system.windows.win32 import DWORD, error_of, function

_LEVEL_PASSWORD = 1003
_FIRST_NET_ERROR, _LAST_NET_ERROR = 2100, 2999
# NERR_* codes, which FormatMessage finds in netmsg.dll only.
_NET_ERRORS = {
    2221: "the user name could not be found",
    2245: "the password does not meet the password policy requirements",
}


class USER_INFO_1003(ctypes.Structure):
    """A password, in clear."""

    _fields_ = (("usri1003_password", ctypes.c_wchar_p),)


def set_password(user: str, password: str) -> None:
    """Set the password of a local user. OSError when Windows refuses."""
    info = USER_INFO_1003(password)
    text, pointer = ctypes.c_wchar_p, ctypes.c_void_p
    call = function("netapi32", "NetUserSetInfo", DWORD, text, text, DWORD, pointer, pointer)
    status = call(None, user, _LEVEL_PASSWORD, ctypes.addressof(info), None)
    if status:
        raise refusal(status)


def refusal(status: int) -> OSError:
    """The error for a status of NetUserSetInfo."""
    if _FIRST_NET_ERROR <= status <= _LAST_NET_ERROR:
        return OSError(status, _NET_ERRORS.get(status, f"NetUserSetInfo failed with {status}"))
    return error_of(status)

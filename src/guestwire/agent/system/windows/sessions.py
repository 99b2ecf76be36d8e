"""Who is logged in (Terminal Services' sessions, of which the console's is one)."""

from __future__ import annotations

import ctypes

from guestwire.agent.system.windows.win32 import DWORD, HANDLE, function, last_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_CLASS_INFO = 24  # WTSSessionInfo
_EPOCH = 11_644_473_600  # seconds from 1601, where FILETIME begins, to 1970
_ACTIVE, _DISCONNECTED = 0, 4


class WTS_SESSION_INFOW(ctypes.Structure):
    """An entry of WTSEnumerateSessions."""

    _fields_ = (("SessionId", DWORD), ("pWinStationName", ctypes.c_void_p), ("State", ctypes.c_int))


class WTSINFOW(ctypes.Structure):
    """What is known of one session; times are FILETIMEs, 0 when it never happened."""

    _fields_ = (
        ("State", ctypes.c_int),
        ("SessionId", DWORD),
        ("counters", DWORD * 6),
        ("WinStationName", ctypes.c_uint16 * 32),
        ("Domain", ctypes.c_uint16 * 17),
        ("UserName", ctypes.c_uint16 * 21),
        ("ConnectTime", ctypes.c_int64),
        ("DisconnectTime", ctypes.c_int64),
        ("LastInputTime", ctypes.c_int64),
        ("LogonTime", ctypes.c_int64),
        ("CurrentTime", ctypes.c_int64),
    )


def logins() -> list[tuple[str, str, float]]:
    """(user, domain, seconds since 1970) of each session with a user. OSError when Windows does not tell."""
    return [login for number in _sessions() if (login := _login(number)) is not None]


def text_of(units: ctypes.Array[ctypes.c_uint16]) -> str:
    """A fixed array of UTF-16, up to its first zero."""
    return bytes(units).decode("utf-16-le", "replace").partition("\0")[0]


def seconds_of(filetime: int) -> float:
    """A FILETIME, in units of 100 ns, as seconds since 1970; 0 for one that is not set."""
    return filetime / 10_000_000 - _EPOCH if filetime > 0 else 0.0


def _sessions() -> Iterator[int]:
    pointer = ctypes.c_void_p
    call = function("wtsapi32", "WTSEnumerateSessionsW", ctypes.c_int, HANDLE, DWORD, DWORD, pointer, pointer)
    place, count = ctypes.c_void_p(), DWORD()
    if not call(None, 0, 1, ctypes.addressof(place), ctypes.addressof(count)):
        raise last_error()
    try:
        for number in range(count.value if place.value else 0):
            entry = WTS_SESSION_INFOW.from_address(
                (place.value or 0) + number * ctypes.sizeof(WTS_SESSION_INFOW)
            )
            if entry.State in (_ACTIVE, _DISCONNECTED):
                yield entry.SessionId
    finally:
        _free(place)


def _login(session: int) -> tuple[str, str, float] | None:
    pointer = ctypes.c_void_p
    call = function(
        "wtsapi32", "WTSQuerySessionInformationW", ctypes.c_int, HANDLE, DWORD, DWORD, pointer, pointer
    )
    place, size = ctypes.c_void_p(), DWORD()
    if not call(None, session, _CLASS_INFO, ctypes.addressof(place), ctypes.addressof(size)):
        return None  # ended meanwhile
    try:
        if not place.value or size.value < ctypes.sizeof(WTSINFOW):
            return None
        info = WTSINFOW.from_address(place.value)
        user = text_of(info.UserName)
        return (user, text_of(info.Domain), seconds_of(info.LogonTime)) if user else None
    finally:
        _free(place)


def _free(place: ctypes.c_void_p) -> None:
    function("wtsapi32", "WTSFreeMemory", None, ctypes.c_void_p)(place)

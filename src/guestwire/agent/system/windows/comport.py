"""Setting up a COM port (SetCommState, SetCommTimeouts)."""

from __future__ import annotations

import ctypes

from guestwire.agent.system.windows.win32 import DWORD, HANDLE, WORD, function, last_error

_F_BINARY = 1  # bit 0 of the flags; all others clear: no flow control, no parity check, no replacement
_BAUD = 38400  # a virtual port takes no notice
_ONE_STOP_BIT = 0
_PURGE_RXCLEAR = 8


class DCB(ctypes.Structure):
    """Device control block of <winbase.h>; the bit fields are one DWORD, `flags`."""

    _fields_ = (
        ("DCBlength", DWORD),
        ("BaudRate", DWORD),
        ("flags", DWORD),
        ("wReserved", WORD),
        ("XonLim", WORD),
        ("XoffLim", WORD),
        ("ByteSize", ctypes.c_uint8),
        ("Parity", ctypes.c_uint8),
        ("StopBits", ctypes.c_uint8),
        ("XonChar", ctypes.c_char),
        ("XoffChar", ctypes.c_char),
        ("ErrorChar", ctypes.c_char),
        ("EofChar", ctypes.c_char),
        ("EvtChar", ctypes.c_char),
        ("wReserved1", WORD),
    )


class COMMTIMEOUTS(ctypes.Structure):
    """All in milliseconds; a zero means no limit."""

    _fields_ = tuple(
        (name, DWORD)
        for name in (
            "ReadIntervalTimeout",
            "ReadTotalTimeoutMultiplier",
            "ReadTotalTimeoutConstant",
            "WriteTotalTimeoutMultiplier",
            "WriteTotalTimeoutConstant",
        )
    )


def make_raw(handle: int) -> None:
    """Let every byte pass unchanged, and a read end 1 ms after its last byte. OSError if it is no COM port."""
    dcb = DCB(DCBlength=ctypes.sizeof(DCB))
    _call("GetCommState", handle, dcb)
    dcb.BaudRate, dcb.flags, dcb.ByteSize, dcb.Parity, dcb.StopBits = _BAUD, _F_BINARY, 8, 0, _ONE_STOP_BIT
    _call("SetCommState", handle, dcb)
    _call("SetCommTimeouts", handle, COMMTIMEOUTS(ReadIntervalTimeout=1))
    function("kernel32", "PurgeComm", ctypes.c_int, HANDLE, DWORD)(handle, _PURGE_RXCLEAR)


def _call(name: str, handle: int, structure: ctypes.Structure) -> None:
    call = function("kernel32", name, ctypes.c_int, HANDLE, ctypes.c_void_p)
    if not call(handle, ctypes.addressof(structure)):
        raise last_error()

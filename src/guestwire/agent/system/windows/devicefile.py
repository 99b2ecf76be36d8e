"""Devices opened by name, and questions to their drivers (DeviceIoControl)."""

from __future__ import annotations

import ctypes

from guestwire.agent.system.windows.win32 import (
    DWORD,
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_MORE_DATA,
    HANDLE,
    function,
    last_error,
)

_INVALID_HANDLE = ctypes.c_void_p(-1).value
_SHARE_READ_WRITE = 1 | 2
_OPEN_EXISTING = 3
_LONGEST = 64 * 1024


class DeviceFile:
    """A device, opened without the right to read or write: enough to ask. OSError when there is none."""

    def __init__(self, path: str) -> None:
        self.handle = open_handle(path, share=_SHARE_READ_WRITE)

    def ask(self, code: int, question: bytes = b"", size: int = 1024) -> bytes:
        """The driver's answer to the control code; `size` is a guess of its length in bytes. OSError."""
        pointer = ctypes.c_void_p
        control = function(
            "kernel32", "DeviceIoControl", ctypes.c_int,
            HANDLE, DWORD, ctypes.c_char_p, DWORD, pointer, DWORD, pointer, pointer,
        )  # fmt: skip
        got = DWORD()
        while True:
            answer = ctypes.create_string_buffer(size)
            places = ctypes.addressof(answer), size, ctypes.addressof(got)
            if control(self.handle, code, question or None, len(question), *places, None):
                return answer.raw[: got.value]
            error = last_error()
            too_small = getattr(error, "winerror", 0) in (ERROR_MORE_DATA, ERROR_INSUFFICIENT_BUFFER)
            if not too_small or size >= _LONGEST:
                raise error
            size *= 8

    def __enter__(self) -> DeviceFile:
        return self

    def __exit__(self, *_: object) -> None:
        close_handle(self.handle)


def open_handle(
    path: str,
    access: int = 0,
    share: int = 0,
    *,
    disposition: int = _OPEN_EXISTING,
    flags: int = 0,
    security: int = 0,
) -> int:
    """CreateFile; `security` is the address of a SECURITY_ATTRIBUTES or 0. OSError as Windows tells it."""
    pointer = ctypes.c_void_p
    create = function(
        "kernel32", "CreateFileW", HANDLE, ctypes.c_wchar_p, DWORD, DWORD, pointer, DWORD, DWORD, HANDLE
    )
    handle: int = create(path, access, share, security or None, disposition, flags, None)
    if handle == _INVALID_HANDLE:
        raise last_error()
    return handle


def close_handle(handle: int) -> None:
    """Give a handle of `open_handle` back."""
    function("kernel32", "CloseHandle", ctypes.c_int, HANDLE)(handle)

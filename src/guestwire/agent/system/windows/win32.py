"""Calls of the Windows API: libraries are found at their first use, so that everything imports on any OS.

Structures use the fixed sizes of <stdint.h>, not those of ctypes.wintypes: `c_ulong` has 8 bytes on Linux, where the
layouts are tested.
"""

from __future__ import annotations

import ctypes

from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

WORD = ctypes.c_uint16
DWORD = ctypes.c_uint32
HANDLE = ctypes.c_void_p

ERROR_MORE_DATA = 234
ERROR_INSUFFICIENT_BUFFER = 122
ERROR_BUFFER_OVERFLOW = 111

_libraries: dict[str, Any] = {}


def library(name: str) -> Any:
    """`kernel32` and the like; OSError where it is not there."""
    found = _libraries.get(name)
    if found is None:
        found = _libraries[name] = getattr(ctypes, "WinDLL")(name, use_last_error=True)  # noqa: B009 - not on Linux
    return found


def function(name: str, export: str, result: Any, *arguments: Any) -> Any:
    """A function of a library with its types. AttributeError when this Windows does not have it."""
    found = getattr(library(name), export)
    found.restype = result
    found.argtypes = arguments
    return found


def last_error() -> OSError:
    """What GetLastError() says of the call just made, as an OSError with Windows' own text."""
    return error_of(ctypes.get_last_error())  # type: ignore[attr-defined]


def error_of(number: int) -> OSError:
    """Windows' error `number` as an OSError."""
    error: OSError = ctypes.WinError(number)  # type: ignore[attr-defined]
    return error


def failure(text: str, error: OSError) -> CommandError:
    """`TEXT: REASON`, the reason in Windows' words without its final full stop."""
    return CommandError(f"{text}: {(error.strerror or str(error)).rstrip('. ').strip()}")

"""Ctrl-C and its like. Windows calls a handler in a thread of its own, so it works while the main thread waits."""

from __future__ import annotations

import ctypes

from guestwire.agent.system.windows.win32 import DWORD, function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_kept: list[Any] = []  # Windows holds a bare pointer to the handler


def on_control(action: Callable[[], None]) -> None:
    """Call `action` at CTRL_C, CTRL_BREAK, CTRL_CLOSE, CTRL_LOGOFF or CTRL_SHUTDOWN instead of ending at once."""

    def handler(_event: int) -> int:
        action()
        return 1

    prototype = getattr(ctypes, "WINFUNCTYPE")(ctypes.c_int, DWORD)  # noqa: B009 - not on Linux
    pointer = prototype(handler)
    if function("kernel32", "SetConsoleCtrlHandler", ctypes.c_int, ctypes.c_void_p, ctypes.c_int)(pointer, 1):
        _kept.append(pointer)

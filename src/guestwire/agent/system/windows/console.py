"""Ctrl-C and its like. Windows calls a handler in a thread of its own, so it works while the main thread waits."""

from __future__ import annotations

import ctypes

from guestwire.agent.system.windows.win32 import DWORD, function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_LOGOFF = 5  # CTRL_LOGOFF_EVENT

_kept: list[Any] = []  # Windows holds a bare pointer to the handler


def on_control(action: Callable[[], None]) -> None:
    """Call `action` at Ctrl-C, Ctrl-Break, the close of the console and shutdown instead of ending at once.

    A log-off is ignored: a service is told of every user's, and a session's own programs are ended all the same.
    """

    def handler(event: int) -> int:
        if event != _LOGOFF:
            action()
        return 1

    prototype = getattr(ctypes, "WINFUNCTYPE")(ctypes.c_int, DWORD)  # noqa: B009 - not on Linux
    pointer = prototype(handler)
    if function("kernel32", "SetConsoleCtrlHandler", ctypes.c_int, ctypes.c_void_p, ctypes.c_int)(pointer, 1):
        _kept.append(pointer)

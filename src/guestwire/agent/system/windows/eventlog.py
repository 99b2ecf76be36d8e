"""Windows' event log, where services tell of what matters."""

from __future__ import annotations

import ctypes

from guestwire.agent.system.windows.win32 import DWORD, HANDLE, WORD, function

ERROR = 1
INFORMATION = 4


def report(source: str, text: str, level: int = INFORMATION) -> None:
    """One entry in the Application log. A log that does not take it is no fault."""
    try:
        register = function("advapi32", "RegisterEventSourceW", HANDLE, ctypes.c_wchar_p, ctypes.c_wchar_p)
        tell = function(
            "advapi32", "ReportEventW", ctypes.c_int,
            HANDLE, WORD, WORD, DWORD, HANDLE, WORD, DWORD, ctypes.c_void_p, HANDLE,
        )  # fmt: skip
        release = function("advapi32", "DeregisterEventSource", ctypes.c_int, HANDLE)
    except OSError:
        return
    log = register(None, source)
    if log:
        strings = (ctypes.c_wchar_p * 1)(text)
        tell(log, level, 0, 0, None, 1, 0, ctypes.addressof(strings), None)
        release(log)

"""Windows' event log, where services tell of what matters."""

from __future__ import annotations

import ctypes

from guestwire.agent.system.windows.win32 import DWORD, HANDLE, WORD, function

ERROR = 1
INFORMATION = 4
_EVENT = 1
_SOURCES = r"SYSTEM\CurrentControlSet\Services\EventLog\Application"
_ANY_TEXT = r"%SystemRoot%\System32\EventCreate.exe"  # Windows' own program: its messages 1 to 1000 are "%1"
_ALL_LEVELS = 7


def register(source: str) -> None:
    """Make the event viewer show the texts of `source` as they are. OSError when Windows refuses."""
    import winreg

    with winreg.CreateKey(winreg.HKEY_LOCAL_MACHINE, f"{_SOURCES}\\{source}") as key:  # type: ignore[attr-defined]
        expanded: int = winreg.REG_EXPAND_SZ  # type: ignore[attr-defined]
        number: int = winreg.REG_DWORD  # type: ignore[attr-defined]
        winreg.SetValueEx(key, "EventMessageFile", 0, expanded, _ANY_TEXT)  # type: ignore[attr-defined]
        winreg.SetValueEx(key, "TypesSupported", 0, number, _ALL_LEVELS)  # type: ignore[attr-defined]


def unregister(source: str) -> None:
    """Undo `register`. OSError when it was not done."""
    import winreg

    winreg.DeleteKey(winreg.HKEY_LOCAL_MACHINE, f"{_SOURCES}\\{source}")  # type: ignore[attr-defined]


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
        tell(log, level, 0, _EVENT, None, 1, 0, ctypes.addressof(strings), None)
        release(log)

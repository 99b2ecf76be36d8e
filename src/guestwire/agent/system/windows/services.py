"""Windows' service manager, seen by whoever installs a service and by the service itself."""

from __future__ import annotations

import ctypes

from guestwire.agent.system.windows.win32 import DWORD, HANDLE, function, last_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_ALL_ACCESS = 0xF003F  # SC_MANAGER_ALL_ACCESS
_SERVICE_ALL_ACCESS = 0xF01FF
_OWN_PROCESS = 0x10
_AUTO_START = 2
_ERROR_NORMAL = 1
_CONFIG_DESCRIPTION = 1
_STOP, _INTERROGATE, _SHUTDOWN = 1, 4, 5  # SERVICE_CONTROL_*
_STOPPED, _STOP_PENDING, _RUNNING = 1, 3, 4
_ACCEPTS = 1 | 4  # SERVICE_ACCEPT_STOP, _SHUTDOWN
_NOT_IMPLEMENTED = 120
_STOP_MILLISECONDS = 5000
_SPECIFIC_ERROR = 1066


class SERVICE_STATUS(ctypes.Structure):
    """What a service reports of itself."""

    _fields_ = tuple(
        (name, DWORD)
        for name in (
            "dwServiceType",
            "dwCurrentState",
            "dwControlsAccepted",
            "dwWin32ExitCode",
            "dwServiceSpecificExitCode",
            "dwCheckPoint",
            "dwWaitHint",
        )
    )


class SERVICE_TABLE_ENTRYW(ctypes.Structure):
    """A service of this process and its main function; an entry of zeros ends the table."""

    _fields_ = (("lpServiceName", ctypes.c_wchar_p), ("lpServiceProc", ctypes.c_void_p))


class SERVICE_DESCRIPTIONW(ctypes.Structure):
    """The text that the list of services shows."""

    _fields_ = (("lpDescription", ctypes.c_wchar_p),)


def install(name: str, shown: str, description: str, command: str) -> None:
    """Make a service that starts with Windows, as LocalSystem. OSError when Windows refuses."""
    text, pointer = ctypes.c_wchar_p, ctypes.c_void_p
    create = function(
        "advapi32", "CreateServiceW", HANDLE,
        HANDLE, text, text, DWORD, DWORD, DWORD, DWORD, text, text, pointer, text, text, text,
    )  # fmt: skip
    manager = _manager()
    try:
        service = create(
            manager, name, shown, _SERVICE_ALL_ACCESS, _OWN_PROCESS, _AUTO_START, _ERROR_NORMAL, command,
            None, None, None, None, None,
        )  # fmt: skip
        if not service:
            raise last_error()
        told = SERVICE_DESCRIPTIONW(description)
        configure = function("advapi32", "ChangeServiceConfig2W", ctypes.c_int, HANDLE, DWORD, pointer)
        configure(service, _CONFIG_DESCRIPTION, ctypes.addressof(told))
        _close(service)
    finally:
        _close(manager)


def uninstall(name: str) -> None:
    """Stop the service if it runs, and remove it. OSError when Windows refuses, or there is none."""
    manager = _manager()
    try:
        find = function("advapi32", "OpenServiceW", HANDLE, HANDLE, ctypes.c_wchar_p, DWORD)
        service = find(manager, name, _SERVICE_ALL_ACCESS)
        if not service:
            raise last_error()
        status = SERVICE_STATUS()
        control = function("advapi32", "ControlService", ctypes.c_int, HANDLE, DWORD, ctypes.c_void_p)
        control(service, _STOP, ctypes.addressof(status))  # fails when it does not run
        deleted = function("advapi32", "DeleteService", ctypes.c_int, HANDLE)(service)
        error = None if deleted else last_error()
        _close(service)
        if error is not None:
            raise error
    finally:
        _close(manager)


def run(name: str, serve: Callable[[], int], stop: Callable[[], None]) -> None:
    """Be the service `name` until `serve`, called in another thread, returns the exit status.

    `stop` is called when Windows wants the service to end. OSError when this process was not started as a service.
    """
    host = _Host(name, serve, stop)
    prototype = getattr(ctypes, "WINFUNCTYPE")(None, DWORD, ctypes.c_void_p)  # noqa: B009 - not on Linux
    main = prototype(host.main)
    table = (SERVICE_TABLE_ENTRYW * 2)()
    table[0] = SERVICE_TABLE_ENTRYW(name, ctypes.cast(main, ctypes.c_void_p))
    dispatch = function("advapi32", "StartServiceCtrlDispatcherW", ctypes.c_int, ctypes.c_void_p)
    if not dispatch(ctypes.addressof(table)):
        raise last_error()


class _Host:
    """The two functions that Windows calls: the service's main and its control handler."""

    def __init__(self, name: str, serve: Callable[[], int], stop: Callable[[], None]) -> None:
        self._name = name
        self._serve = serve
        self._stop = stop
        self._status: Any = None
        self._handler: Any = None  # Windows holds a bare pointer to it

    def main(self, _count: int, _words: int | None) -> None:
        """The life of the service."""
        pointer = ctypes.c_void_p
        prototype = getattr(ctypes, "WINFUNCTYPE")(DWORD, DWORD, DWORD, pointer, pointer)  # noqa: B009
        self._handler = prototype(self.control)
        register = function(
            "advapi32", "RegisterServiceCtrlHandlerExW", HANDLE, ctypes.c_wchar_p, pointer, pointer
        )
        self._status = register(self._name, ctypes.cast(self._handler, pointer), None)
        self._tell(_RUNNING)
        status = 1
        try:
            status = self._serve()
        finally:
            self._tell(_STOPPED, status)

    def control(self, control: int, _kind: int, _data: int | None, _context: int | None) -> int:
        """What Windows wants; 0 when it is done."""
        if control in (_STOP, _SHUTDOWN):
            self._tell(_STOP_PENDING)
            self._stop()
            return 0
        return 0 if control == _INTERROGATE else _NOT_IMPLEMENTED

    def _tell(self, state: int, status: int = 0) -> None:
        report = SERVICE_STATUS(
            dwServiceType=_OWN_PROCESS,
            dwCurrentState=state,
            dwControlsAccepted=_ACCEPTS if state == _RUNNING else 0,
            dwWin32ExitCode=_SPECIFIC_ERROR if status else 0,
            dwServiceSpecificExitCode=status,
            dwWaitHint=_STOP_MILLISECONDS if state == _STOP_PENDING else 0,
        )
        tell = function("advapi32", "SetServiceStatus", ctypes.c_int, HANDLE, ctypes.c_void_p)
        tell(self._status, ctypes.addressof(report))


def _manager() -> int:
    call = function("advapi32", "OpenSCManagerW", HANDLE, ctypes.c_wchar_p, ctypes.c_wchar_p, DWORD)
    manager: int | None = call(None, None, _ALL_ACCESS)
    if not manager:
        raise last_error()
    return manager


def _close(handle: int) -> None:
    function("advapi32", "CloseServiceHandle", ctypes.c_int, HANDLE)(handle)

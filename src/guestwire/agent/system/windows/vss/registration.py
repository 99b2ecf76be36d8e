"""Registering the provider: a COM class that the agent's service serves, and its entry in VSS' list of providers."""

from __future__ import annotations

from contextlib import suppress

from guestwire.agent.system.windows.com import runtime
from guestwire.agent.system.windows.com.types import ComError, guid
from guestwire.agent.system.windows.vss import errors, provider
from guestwire.agent.system.windows.vss.interfaces import COORDINATOR, SOFTWARE_PROVIDER, IVssAdmin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guestwire.agent.system.windows.com.reference import Reference

NAME = "guestwire agent VSS provider"
APPLICATION = "2a206c78-1212-427b-88a4-395c7e36c760"  # its AppID
VERSION, VERSION_ID = "1.0", "f8503349-4aba-4324-a92f-58fe9535d191"
_CLASSES = r"SOFTWARE\Classes"
CLASS_KEY = rf"{_CLASSES}\CLSID\{{{provider.CLASS}}}"
APPLICATION_KEY = rf"{_CLASSES}\AppID\{{{APPLICATION}}}"


def install(service: str) -> None:
    """Make the class known to COM and the provider to VSS; `service` is who serves it.

    ComError when VSS refuses, PermissionError when this is no administrator. What was there before is replaced.
    """
    _write(APPLICATION_KEY, NAME, LocalService=service)
    _write(CLASS_KEY, NAME, AppID=f"{{{APPLICATION}}}")
    try:
        admin = _admin()
        try:
            _register(admin)
        finally:
            admin.release()
    except ComError:
        _forget_class()
        raise


def uninstall() -> None:
    """Undo `install`, as far as there is something to undo. ComError when VSS refuses."""
    try:
        admin = _admin()
        try:
            _unregister(admin)
        finally:
            admin.release()
    finally:
        _forget_class()


def is_installed() -> bool:
    """Whether COM knows the class."""
    import winreg

    try:
        winreg.CloseKey(winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, CLASS_KEY))  # type: ignore[attr-defined]
    except OSError:
        return False
    return True


def _admin() -> Reference:
    return runtime.create(COORDINATOR, IVssAdmin)


def _register(admin: Reference) -> None:
    arguments = (guid(provider.ID), guid(provider.CLASS), NAME, SOFTWARE_PROVIDER, VERSION, guid(VERSION_ID))
    try:
        admin.call("RegisterProvider", *arguments)
    except ComError as error:
        if error.code != errors.PROVIDER_ALREADY_REGISTERED:
            raise
        _unregister(admin)
        admin.call("RegisterProvider", *arguments)


def _unregister(admin: Reference) -> None:
    code = admin.attempt("UnregisterProvider", guid(provider.ID))
    if code & 0x80000000 and code != errors.PROVIDER_NOT_REGISTERED:
        raise ComError("UnregisterProvider", code)


def _write(path: str, default: str, **values: str) -> None:
    import winreg

    with winreg.CreateKey(winreg.HKEY_LOCAL_MACHINE, path) as key:  # type: ignore[attr-defined]
        for name, value in (("", default), *values.items()):
            winreg.SetValueEx(key, name, 0, winreg.REG_SZ, value)  # type: ignore[attr-defined]


def _forget_class() -> None:
    for key in (CLASS_KEY, APPLICATION_KEY):
        _delete(key)


def _delete(path: str) -> None:
    import winreg

    with suppress(FileNotFoundError):
        winreg.DeleteKey(winreg.HKEY_LOCAL_MACHINE, path)  # type: ignore[attr-defined]

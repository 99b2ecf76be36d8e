"""COM in this process: its apartment, who may call in, and the classes that it makes and offers.

The process has the multi-threaded apartment (MTA) for good, and every thread that asks for nothing else is in it, so
any thread may use what another has got.
"""

from __future__ import annotations

import ctypes
from _thread import allocate_lock

from guestwire.agent.system.windows.com.reference import Reference
from guestwire.agent.system.windows.com.types import HRESULT, POINTER, TEXT, ComError, guid
from guestwire.agent.system.windows.win32 import DWORD, function, last_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guestwire.agent.system.windows.com.server import ComObject
    from guestwire.agent.system.windows.com.types import Interface

_LOCAL_SERVER = 4  # CLSCTX_LOCAL_SERVER
_ANY_SERVER = 1 | 4  # and CLSCTX_INPROC_SERVER
_MULTIPLE_USE = 1  # REGCLS_MULTIPLEUSE
_PACKET_PRIVACY = 6  # RPC_C_AUTHN_LEVEL_PKT_PRIVACY
_IDENTIFY = 2  # RPC_C_IMP_LEVEL_IDENTIFY
_TOO_LATE = 0x80010119  # RPC_E_TOO_LATE: somebody has settled it before
# Who may call in: LocalSystem (VSS itself and most of its writers), administrators, backup operators, and the two
# accounts of services, under which other writers run. 3 is COM_RIGHTS_EXECUTE and COM_RIGHTS_EXECUTE_LOCAL.
CALLERS = "O:SYG:SYD:" + "".join(f"(A;;0x3;;;{who})" for who in ("SY", "BA", "BO", "LS", "NS"))

_entering = allocate_lock()
_entered: list[Any] = []  # the cookie of the apartment, and the security descriptor's parts


def enter() -> None:
    """Have the process in the MTA, callable by `CALLERS` only. ComError or OSError when Windows refuses."""
    with _entering:
        if _entered:
            return
        cookie = POINTER()
        _check("CoIncrementMTAUsage", _ole("CoIncrementMTAUsage", POINTER)(ctypes.addressof(cookie)))
        descriptor = absolute_descriptor(CALLERS)
        secure = _ole(
            "CoInitializeSecurity", POINTER, HRESULT, POINTER, POINTER, DWORD, DWORD, POINTER, DWORD, POINTER
        )
        code = secure(
            ctypes.addressof(descriptor[0]), -1, None, None, _PACKET_PRIVACY, _IDENTIFY, None, 0, None
        )
        if code & 0xFFFFFFFF != _TOO_LATE:
            _check("CoInitializeSecurity", code)
        _entered.extend((cookie, descriptor))


def create(clsid: str, interface: Interface) -> Reference:
    """A new object of a class, wherever its server is. ComError when there is none."""
    enter()
    class_id, iid, place = guid(clsid), guid(interface.iid), POINTER()
    make = _ole("CoCreateInstance", POINTER, POINTER, DWORD, POINTER, POINTER)
    code = make(ctypes.addressof(class_id), None, _ANY_SERVER, ctypes.addressof(iid), ctypes.addressof(place))
    _check("CoCreateInstance", code)
    return Reference(place.value or 0, interface)


def offer(clsid: str, factory: ComObject) -> int:
    """Let other processes make objects of a class; the cookie for `withdraw`. ComError when COM refuses."""
    enter()
    class_id, cookie = guid(clsid), DWORD()
    register = _ole("CoRegisterClassObject", POINTER, POINTER, DWORD, DWORD, POINTER)
    code = register(
        ctypes.addressof(class_id),
        factory.address(),
        _LOCAL_SERVER,
        _MULTIPLE_USE,
        ctypes.addressof(cookie),
    )
    _check("CoRegisterClassObject", code)
    return cookie.value


def withdraw(cookie: int) -> None:
    """End what `offer` began."""
    _check("CoRevokeClassObject", _ole("CoRevokeClassObject", DWORD)(cookie))


def free_text(address: int | None) -> None:
    """Free a BSTR."""
    function("oleaut32", "SysFreeString", None, POINTER)(address)


def absolute_descriptor(text: str) -> list[Any]:
    """A security descriptor in the absolute form that COM wants, from SDDL: its buffers, the descriptor first."""
    convert = function(
        "advapi32",
        "ConvertStringSecurityDescriptorToSecurityDescriptorW",
        ctypes.c_int,
        TEXT,
        DWORD,
        POINTER,
        POINTER,
    )
    relative = POINTER()
    if not convert(text, 1, ctypes.addressof(relative), None):
        raise last_error()
    make = function("advapi32", "MakeAbsoluteSD", ctypes.c_int, *[POINTER] * 11)
    sizes = [DWORD() for _ in range(5)]  # of the descriptor, DACL, SACL, owner, group
    try:
        make(relative, *_pairs([None] * 5, sizes))  # tells the sizes
        parts = [ctypes.create_string_buffer(size.value) if size.value else None for size in sizes]
        if not make(relative, *_pairs(parts, sizes)):
            raise last_error()
    finally:
        function("kernel32", "LocalFree", POINTER, POINTER)(relative)
    return parts


def _pairs(parts: list[Any], sizes: list[Any]) -> list[int | None]:
    """Each buffer and its size, as addresses."""
    found: list[int | None] = []
    for part, size in zip(parts, sizes):
        found += [None if part is None else ctypes.addressof(part), ctypes.addressof(size)]
    return found


def _ole(export: str, *arguments: Any) -> Any:
    return function("ole32", export, HRESULT, *arguments)


def _check(what: str, code: int) -> None:
    if code < 0:
        raise ComError(what, code)

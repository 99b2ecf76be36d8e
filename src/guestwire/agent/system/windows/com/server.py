"""COM objects written in Python: a vtable of ctypes callbacks for each interface.

An object lives as long as Python holds it: those here live as long as the process, so the count of references, which
COM wants kept, frees nothing.
"""

from __future__ import annotations

import ctypes
from _thread import allocate_lock

from guestwire.agent.system.windows.com.types import (
    CLASS_E_NOAGGREGATION,
    E_FAIL,
    E_NOINTERFACE,
    E_POINTER,
    GUID,
    ICLASSFACTORY,
    IUNKNOWN,
    POINTER,
    S_OK,
    ComError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from guestwire.agent.system.windows.com.types import Interface


class ComObject:
    """Subclasses name their `interfaces` and have a method for each of theirs, without `This`.

    Such a method returns its HRESULT, None for S_OK, or raises ComError; any other exception is E_FAIL to the caller.
    """

    interfaces: tuple[Interface, ...] = ()

    def __init__(self) -> None:
        self.references = 0
        self._counting = allocate_lock()
        self._kept: list[Any] = []  # what COM holds bare pointers to
        self._addresses = {interface.iid: self._expose(interface) for interface in self.interfaces}
        self._addresses[IUNKNOWN.iid] = self._addresses[self.interfaces[0].iid]

    def address(self, interface: Interface | None = None) -> int:
        """The object as others know it; adds no reference."""
        return self._addresses[(interface or self.interfaces[0]).iid]

    def QueryInterface(self, iid: int | None, place: int | None) -> int:
        """IUnknown's: the object through another interface, with a reference for the caller."""
        if not place:
            return E_POINTER
        address = self._addresses.get(str(GUID.from_address(iid))) if iid else None
        POINTER.from_address(place).value = address
        if address is None:
            return E_NOINTERFACE
        self.AddRef()
        return S_OK

    def AddRef(self) -> int:
        """IUnknown's: one reference more."""
        return self._count(1)

    def Release(self) -> int:
        """IUnknown's: one reference less."""
        return self._count(-1)

    def _count(self, step: int) -> int:
        with self._counting:
            self.references += step
            return self.references

    def _expose(self, interface: Interface) -> int:
        """Make the interface's vtable; where the object begins for its callers."""
        entries = [
            prototype(_answering(getattr(self, method)))
            for method, prototype in zip(interface.methods, interface.prototypes)
        ]
        table = (POINTER * len(entries))(*(ctypes.cast(entry, POINTER) for entry in entries))
        start = POINTER(ctypes.addressof(table))
        self._kept += [entries, table, start]
        return ctypes.addressof(start)


def _answering(method: Callable[..., Any]) -> Callable[..., int]:
    """The method as it stands in a vtable: takes `This`, and nothing escapes it but an HRESULT."""

    def answer(_this: int | None, *arguments: Any) -> int:
        try:
            code = method(*arguments)
        except ComError as error:
            code = error.code
        except Exception:
            code = E_FAIL
        return ctypes.c_int32(code or S_OK).value

    return answer


class Factory(ComObject):
    """The class object of a class that has one object."""

    interfaces = (ICLASSFACTORY,)

    def __init__(self, made: ComObject) -> None:
        super().__init__()
        self._made = made

    def CreateInstance(self, outer: int | None, iid: int | None, place: int | None) -> int:
        """IClassFactory's: the object, through the wanted interface."""
        if outer:
            return CLASS_E_NOAGGREGATION
        return self._made.QueryInterface(iid, place)

    def LockServer(self, _lock: int) -> int:
        """IClassFactory's: the process lives on without it."""
        return S_OK

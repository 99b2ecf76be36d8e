"""A COM object that somebody else has made, seen through one of its interfaces."""

from __future__ import annotations

import ctypes

from guestwire.agent.system.windows.com.types import ComError, guid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guestwire.agent.system.windows.com.types import Interface

_FAILED = 0x80000000


class Reference:
    """Owns one reference to the object at `address`; `release` gives it back."""

    def __init__(self, address: int, interface: Interface) -> None:
        self.address = address
        self._interface = interface

    def call(self, method: str, *arguments: Any) -> int:
        """Its HRESULT, which is a success (unsigned). ComError when it is a failure."""
        code = self.attempt(method, *arguments)
        if code & _FAILED:
            raise ComError(method, code)
        return code

    def attempt(self, method: str, *arguments: Any) -> int:
        """Its HRESULT whatever it is, unsigned."""
        slot = self._interface.slot(method)
        table = ctypes.c_void_p.from_address(self.address).value or 0
        entry = ctypes.c_void_p.from_address(table + slot * ctypes.sizeof(ctypes.c_void_p)).value
        function = self._interface.prototypes[slot](entry)
        code: int = function(self.address, *arguments)
        return code & 0xFFFFFFFF

    def take(self, method: str, interface: Interface, *arguments: Any) -> Reference:
        """The object that `method` answers in its last parameter."""
        place = ctypes.c_void_p()
        self.call(method, *arguments, ctypes.addressof(place))
        if not place.value:
            raise ComError(method, 0x80004003)
        return Reference(place.value, interface)

    def query(self, interface: Interface) -> Reference:
        """The same object through another interface. ComError (E_NOINTERFACE) when it has no such one."""
        iid = guid(interface.iid)
        return self.take("QueryInterface", interface, ctypes.addressof(iid))

    def release(self) -> None:
        """Give the reference back; the object must not be called afterwards."""
        address, self.address = self.address, 0
        if address:
            Reference(address, self._interface).attempt("Release")

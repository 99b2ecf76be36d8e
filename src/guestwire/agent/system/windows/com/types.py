"""The types of COM: GUID, HRESULT, an interface as data, and the errors.

A method's types are those of the C headers with fixed sizes, so that they are the same on every OS. Where there is no
Windows the C calling convention stands in for stdcall: objects and calls then work inside one process.
"""

from __future__ import annotations

import ctypes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LONG = HRESULT = ctypes.c_int32
ULONG = BOOL32 = ctypes.c_uint32
ENUM = ctypes.c_int32
POINTER = ctypes.c_void_p  # to anything, and of an interface
TEXT = ctypes.c_wchar_p

S_OK, S_FALSE = 0, 1
E_NOTIMPL, E_NOINTERFACE, E_POINTER, E_FAIL = 0x80004001, 0x80004002, 0x80004003, 0x80004005
CLASS_E_NOAGGREGATION = 0x80040110


class GUID(ctypes.Structure):
    """Sixteen bytes that name a class, an interface, a snapshot."""

    _fields_ = (
        ("Data1", ctypes.c_uint32),
        ("Data2", ctypes.c_uint16),
        ("Data3", ctypes.c_uint16),
        ("Data4", ctypes.c_uint8 * 8),
    )

    def __str__(self) -> str:
        tail = bytes(self.Data4).hex()
        return f"{self.Data1:08x}-{self.Data2:04x}-{self.Data3:04x}-{tail[:4]}-{tail[4:]}"


def guid(text: str) -> GUID:
    """`609e123e-2c5a-44d3-8f01-0b1d9a47d1ff` as a GUID."""
    first, second, third, fourth, fifth = text.split("-")
    return GUID(
        int(first, 16), int(second, 16), int(third, 16), (ctypes.c_uint8 * 8)(*bytes.fromhex(fourth + fifth))
    )


class ComError(OSError):
    """A COM call that failed: `code` is its HRESULT, unsigned; `what` the call."""

    def __init__(self, what: str, code: int) -> None:
        self.what = what
        self.code = code & 0xFFFFFFFF
        super().__init__(0, f"{what}: 0x{self.code:08X}")

    def __str__(self) -> str:
        return str(self.strerror)


class Interface:
    """An interface: its name, its IID, and its methods beyond IUnknown's in the order of the vtable.

    `methods` has a name and its argument types a method; all of them return an HRESULT.
    """

    def __init__(self, name: str, iid: str, *methods: tuple[Any, ...]) -> None:
        self.name = name
        self.iid = iid
        unknown = (("QueryInterface", POINTER, POINTER), ("AddRef",), ("Release",))
        self.methods = tuple(method[0] for method in (*unknown, *methods))
        self.prototypes = tuple(
            prototype(ULONG if method[0] in ("AddRef", "Release") else HRESULT, POINTER, *method[1:])
            for method in (*unknown, *methods)
        )

    def slot(self, method: str) -> int:
        """The method's place in the vtable."""
        return self.methods.index(method)


def prototype(result: Any, *arguments: Any) -> Any:
    """The type of a function that Windows calls, or that is called through a vtable."""
    make = getattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE)
    return make(result, *arguments)


IUNKNOWN = Interface("IUnknown", "00000000-0000-0000-c000-000000000046")
ICLASSFACTORY = Interface(
    "IClassFactory",
    "00000001-0000-0000-c000-000000000046",
    ("CreateInstance", POINTER, POINTER, POINTER),
    ("LockServer", BOOL32),
)

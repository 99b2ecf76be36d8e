"""The tree of devices, as the configuration manager (cfgmgr32) tells it: their properties and their parents."""

from __future__ import annotations

import ctypes
import re

from guestwire.agent.system.windows.win32 import DWORD, function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_ENUMERATOR_PRESENT = 0x1 | 0x100  # CM_GETIDLIST_FILTER_ENUMERATOR, _PRESENT
_BUFFER_SMALL = 26  # CR_BUFFER_SMALL
_BUS_NUMBER, _ADDRESS = 0x16, 0x1D  # CM_DRP_BUSNUMBER, CM_DRP_ADDRESS
_STRING, _FILETIME, _LONGEST = 0x12, 0x10, 64 * 1024
_1601_TO_1970 = 116_444_736_000_000_000  # in units of 100 ns
_PCI_ID = re.compile(r"PCI\\VEN_([0-9A-F]{4})&DEV_([0-9A-F]{4})", re.IGNORECASE)

_DRIVER = "a8b865dd2e3d4094ad97e593a70c75d6"
# Names of properties in <devpkey.h>: (GUID, number).
NAME = ("b725f13047ef101aa5f102608c9eebac", 10)
DRIVER_DATE = (_DRIVER, 2)
DRIVER_VERSION = (_DRIVER, 3)
INSTANCE_ID = ("78c34fc8104a4aca9ea4524d52996e57", 256)


class DEVPROPKEY(ctypes.Structure):
    """A property's name: a GUID and a number."""

    _fields_ = (("fmtid", ctypes.c_uint8 * 16), ("pid", DWORD))


def property_key(name: tuple[str, int]) -> DEVPROPKEY:
    """The key for one of the names above; the first three numbers of a GUID are little-endian in memory."""
    key = DEVPROPKEY(pid=name[1])
    key.fmtid[:] = guid_bytes(name[0])
    return key


def guid_bytes(digits: str) -> bytes:
    """32 hexadecimal digits of a GUID, as it lies in memory."""
    raw = bytes.fromhex(digits)
    return raw[3::-1] + raw[5:3:-1] + raw[7:5:-1] + raw[8:]


def pci_devices() -> list[str]:
    """The instance names of all PCI devices that are there. OSError when Windows does not tell."""
    text, pointer = ctypes.c_wchar_p, ctypes.c_void_p
    size_of = function("cfgmgr32", "CM_Get_Device_ID_List_SizeW", DWORD, pointer, text, DWORD)
    fill = function("cfgmgr32", "CM_Get_Device_ID_ListW", DWORD, text, pointer, DWORD, DWORD)
    while True:
        size = DWORD()
        _check(size_of(ctypes.addressof(size), "PCI", _ENUMERATOR_PRESENT), "CM_Get_Device_ID_List_Size")
        buffer = ctypes.create_unicode_buffer(size.value + 1)
        status = fill("PCI", ctypes.addressof(buffer), size.value, _ENUMERATOR_PRESENT)
        if status != _BUFFER_SMALL:  # a device came in between
            _check(status, "CM_Get_Device_ID_List")
            return split_list(ctypes.wstring_at(buffer, size.value))


def split_list(text: str) -> list[str]:
    """The names of a list in which each ends with a NUL, and the list with one more."""
    return [name for name in text.split("\0") if name]


def pci_id(instance: str) -> tuple[int, int] | None:
    """(vendor, device) from an instance name; None when it is no PCI device."""
    found = _PCI_ID.match(instance)
    return (int(found[1], 16), int(found[2], 16)) if found else None


class Node:
    """One device of the tree."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    @classmethod
    def find(cls, instance: str) -> Node:
        """The device of that instance name. OSError when it has gone."""
        handle = DWORD()
        locate = function("cfgmgr32", "CM_Locate_DevNodeW", DWORD, ctypes.c_void_p, ctypes.c_wchar_p, DWORD)
        _check(locate(ctypes.addressof(handle), instance, 0), "CM_Locate_DevNode")
        return cls(handle.value)

    def text(self, name: tuple[str, int]) -> str | None:
        """A property that is a text; None when the device does not have it."""
        kind, data = self._property(name)
        return data.decode("utf-16-le", "replace").rstrip("\0") if kind == _STRING else None

    def time(self, name: tuple[str, int]) -> int | None:
        """A property that is a time, in nanoseconds since 1970; None when the device does not have it."""
        kind, data = self._property(name)
        return filetime(data) if kind == _FILETIME and len(data) == 8 else None

    def parents(self) -> Iterator[Node]:
        """The device itself, what it hangs on, and so on up to the root."""
        node = self
        yield node
        call = function("cfgmgr32", "CM_Get_Parent", DWORD, ctypes.c_void_p, DWORD, DWORD)
        above = DWORD()
        while not call(ctypes.addressof(above), node._handle, 0):
            node = Node(above.value)
            yield node

    def pci_place(self) -> tuple[int, int, int] | None:
        """(bus, slot, function) of a PCI device; None for any other."""
        if pci_id(self.text(INSTANCE_ID) or "") is None:
            return None
        bus, address = self._number(_BUS_NUMBER), self._number(_ADDRESS)
        if bus is None or address is None:
            return None
        return bus, address >> 16, address & 0xFFFF

    def _property(self, name: tuple[str, int]) -> tuple[int, bytes]:
        pointer = ctypes.c_void_p
        call = function(
            "cfgmgr32", "CM_Get_DevNode_PropertyW", DWORD, DWORD, pointer, pointer, pointer, pointer, DWORD
        )
        key, kind, size = property_key(name), DWORD(), DWORD(_LONGEST)
        buffer = ctypes.create_string_buffer(_LONGEST)
        places = [ctypes.addressof(one) for one in (key, kind, buffer, size)]
        if call(self._handle, *places, 0):
            return 0, b""
        return kind.value, buffer.raw[: size.value]

    def _number(self, which: int) -> int | None:
        pointer = ctypes.c_void_p
        call = function(
            "cfgmgr32", "CM_Get_DevNode_Registry_PropertyW",
            DWORD, DWORD, DWORD, pointer, pointer, pointer, DWORD,
        )  # fmt: skip
        value, size = DWORD(), DWORD(4)
        if call(self._handle, which, None, ctypes.addressof(value), ctypes.addressof(size), 0):
            return None
        return value.value


def filetime(data: bytes) -> int:
    """A FILETIME (units of 100 ns since 1601) in nanoseconds since 1970."""
    return (int.from_bytes(data, "little") - _1601_TO_1970) * 100


def _check(status: int, name: str) -> None:
    if status:
        raise OSError(0, f"{name} failed with {status}")

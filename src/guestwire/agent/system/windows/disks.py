r"""The disks of Windows: `\\.\PhysicalDriveN`, how each is attached, and which ones a volume lies on."""

from __future__ import annotations

import ctypes
import struct

from guestwire.agent.system.windows.devicefile import DeviceFile
from guestwire.agent.system.windows.devnodes import (
    INSTANCE_ID,
    Node,
    guid_bytes,
    property_key,
    split_list,
)
from guestwire.agent.system.windows.win32 import DWORD, ERROR_INSUFFICIENT_BUFFER, function, last_error

_STORAGE_QUERY_PROPERTY = 0x2D1400
_STORAGE_GET_DEVICE_NUMBER = 0x2D1080
_SCSI_GET_ADDRESS = 0x41018
_VOLUME_GET_VOLUME_DISK_EXTENTS = 0x560000
_DISK_INTERFACE = guid_bytes("53f56307b6bf11d094f200a0c91efb8b")
_ABOUT_THE_DEVICE = bytes(12)  # STORAGE_PROPERTY_QUERY: the device's description, nothing more

# STORAGE_BUS_TYPE -> the schema's name.
_BUSES = {
    1: "scsi",
    2: "ide",
    3: "ide",
    4: "ieee1394",
    5: "ssa",
    6: "fibre",
    7: "usb",
    8: "raid",
    9: "iscsi",
    10: "sas",
    11: "sata",
    12: "sd",
    13: "mmc",
    14: "virtual",
    15: "file-backed-virtual",
    17: "nvme",
}
_NOWHERE = (-1, -1, -1)


class Disk:
    """A disk. `place`: (bus, target, unit) on its controller; `pci`: (bus, slot, function) of that; -1: unknown."""

    def __init__(self, number: int) -> None:
        self.name = device_name(number)
        self.bus_type = "unknown"
        self.serial: str | None = None
        self.place = _NOWHERE
        self.pci = _NOWHERE


def device_name(number: int) -> str:
    r"""`\\.\PhysicalDriveN`."""
    return rf"\\.\PhysicalDrive{number}"


def disk_numbers() -> list[int]:
    """The numbers of all disks, in order. OSError when Windows does not tell."""
    query = function("kernel32", "QueryDosDeviceW", DWORD, ctypes.c_wchar_p, ctypes.c_void_p, DWORD)
    size = 64 * 1024
    while True:
        buffer = ctypes.create_unicode_buffer(size)
        got = query(None, ctypes.addressof(buffer), size)
        if got:
            return numbers_in(ctypes.wstring_at(buffer, got))
        error = last_error()
        if getattr(error, "winerror", 0) != ERROR_INSUFFICIENT_BUFFER:
            raise error
        size *= 2


def numbers_in(names: str) -> list[int]:
    """The numbers of the disks among the names of all devices."""
    prefix = "physicaldrive"
    found = (name[len(prefix) :] for name in split_list(names) if name.lower().startswith(prefix))
    return sorted(int(rest) for rest in found if rest.isascii() and rest.isdigit())


def disk(number: int, pci: dict[int, tuple[int, int, int]]) -> Disk:
    """What can be found out about a disk; `pci` is what `pci_places` told. OSError when there is no such disk."""
    found = Disk(number)
    found.pci = pci.get(number, _NOWHERE)
    with DeviceFile(found.name) as device:
        try:
            found.bus_type, found.serial = parse_descriptor(
                device.ask(_STORAGE_QUERY_PROPERTY, _ABOUT_THE_DEVICE)
            )
            found.place = parse_scsi_address(device.ask(_SCSI_GET_ADDRESS, size=8))
        except OSError:
            pass  # a driver that does not know the question
    return found


def parse_descriptor(data: bytes) -> tuple[str, str | None]:
    """(bus type, serial number or None) of a STORAGE_DEVICE_DESCRIPTOR."""
    if len(data) < 32:
        return "unknown", None
    serial_at, bus = struct.unpack_from("<II", data, 24)
    serial = data[serial_at:].partition(b"\0")[0].strip() if 32 <= serial_at < len(data) else b""
    return _BUSES.get(bus, "unknown"), serial.decode("ascii", "replace") or None


def parse_scsi_address(data: bytes) -> tuple[int, int, int]:
    """(bus, target, unit) of a SCSI_ADDRESS."""
    return (data[5], data[6], data[7]) if len(data) >= 8 else _NOWHERE


def disks_below(volume: str) -> list[int]:
    """The numbers of the disks that a volume lies on. OSError when it lies on none, as a network drive does."""
    with DeviceFile(volume.rstrip("\\")) as device:
        return parse_extents(device.ask(_VOLUME_GET_VOLUME_DISK_EXTENTS))


def parse_extents(data: bytes) -> list[int]:
    """The disks of a VOLUME_DISK_EXTENTS, each once."""
    count = int.from_bytes(data[:4], "little")
    places = range(8, min(len(data) - 23, 8 + 24 * count), 24)
    return list(dict.fromkeys(struct.unpack_from("<I", data, at)[0] for at in places))


def pci_places() -> dict[int, tuple[int, int, int]]:
    """Where the controller of each disk is on the PCI bus, by the number of the disk; not all may be found."""
    places: dict[int, tuple[int, int, int]] = {}
    try:
        for path in _interfaces():
            place = _controller_of(path)
            if place is not None:
                with DeviceFile(path) as device:
                    answer = device.ask(_STORAGE_GET_DEVICE_NUMBER, size=12)
                places[int.from_bytes(answer[4:8], "little")] = place
    except (OSError, AttributeError):
        pass  # a Windows without these functions, or a disk that has gone
    return places


def _interfaces() -> list[str]:
    text, pointer = ctypes.c_wchar_p, ctypes.c_void_p
    size = DWORD()
    size_of = function("cfgmgr32", "CM_Get_Device_Interface_List_SizeW", DWORD, pointer, pointer, text, DWORD)
    fill = function("cfgmgr32", "CM_Get_Device_Interface_ListW", DWORD, pointer, text, pointer, DWORD, DWORD)
    guid = ctypes.create_string_buffer(_DISK_INTERFACE, 16)
    where = ctypes.addressof(guid)
    if size_of(ctypes.addressof(size), where, None, 0):
        return []
    buffer = ctypes.create_unicode_buffer(size.value + 1)
    if fill(where, None, ctypes.addressof(buffer), size.value, 0):
        return []
    return split_list(ctypes.wstring_at(buffer, size.value))


def _controller_of(path: str) -> tuple[int, int, int] | None:
    text, pointer = ctypes.c_wchar_p, ctypes.c_void_p
    ask = function(
        "cfgmgr32",
        "CM_Get_Device_Interface_PropertyW",
        DWORD,
        text,
        pointer,
        pointer,
        pointer,
        pointer,
        DWORD,
    )
    key, kind, size = property_key(INSTANCE_ID), DWORD(), DWORD(1024)
    buffer = ctypes.create_unicode_buffer(512)
    if ask(path, *(ctypes.addressof(one) for one in (key, kind, buffer, size)), 0):
        return None
    return next((place for node in Node.find(buffer.value).parents() if (place := node.pci_place())), None)

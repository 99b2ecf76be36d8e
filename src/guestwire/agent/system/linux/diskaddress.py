"""Where a disk sits in the hardware, read off its path in sysfs.

Such a path names every step from the root of the bus to the disk, for example
/sys/devices/pci0000:00/0000:00:05.0/virtio2/host2/target2:0:0/2:0:0:0/block/sda/sda1
"""

from __future__ import annotations

import os

from guestwire.agent.system.linux import sysfs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

# PCI drivers of disk controllers whose disks can be told apart.
_CONTROLLERS = ("ata_piix", "sym53c8xx", "virtio-pci", "ahci", "nvme", "xhci_hcd", "ehci-pci")


class Address:
    """`pci` is (domain, bus, slot, function), -1 each when unknown; `ccw` (cssid, ssid, subchno, devno) on s390."""

    __slots__ = ("bus", "bus_type", "ccw", "pci", "target", "unit")

    def __init__(self) -> None:
        self.bus_type = "unknown"
        self.bus = 0
        self.target = 0
        self.unit = 0
        self.pci = (-1, -1, -1, -1)
        self.ccw: tuple[int, int, int, int] | None = None


def address_of(root: str, syspath: str) -> Address | None:
    """The address of the disk (or partition) at `syspath`, None when the path names no hardware that we know."""
    steps = syspath.split("/")
    if "devices" not in steps:
        return None
    first = steps[steps.index("devices") + 1]
    if first.startswith("pci"):
        return _on_pci(root, steps)
    if first.startswith("css"):
        return _on_ccw(steps)
    return _on_other_virtio(steps)


def _on_pci(root: str, steps: Sequence[str]) -> Address | None:
    start = steps.index("devices") + 2
    for at in range(start, len(steps)):
        place = _pci_place(steps[at])
        if place is None:
            return None
        driver = _driver(root + "/".join(steps[: at + 1]))
        if driver in _CONTROLLERS:
            address = Address()
            address.pci = place
            _behind(driver, root, steps, address)
            return address
    return None


def _behind(driver: str, root: str, steps: Sequence[str], address: Address) -> None:
    """Fill in the disk's place behind its controller; the bus type stays unknown when the path does not tell it."""
    scsi = _scsi_place(steps)
    if driver == "nvme":
        address.bus_type = "nvme"
    elif driver in ("xhci_hcd", "ehci-pci"):
        address.bus_type = "usb"
    elif driver == "virtio-pci":
        address.bus_type = "scsi" if scsi else "virtio"
        address.unit = scsi[2] if scsi else 0
    elif scsi is None:
        return
    elif driver == "sym53c8xx":
        address.bus_type, address.unit = "scsi", scsi[1]
    else:
        port = _port(root, steps)
        if port is None:
            return
        if driver == "ata_piix":  # an IDE bus is a port with two disks
            address.bus_type, address.bus, address.unit = "ide", port, scsi[1]
        else:
            address.bus_type, address.unit = "sata", port


def _on_ccw(steps: Sequence[str]) -> Address | None:
    """s390: …/css0/0.0.0003/0.0.0003/virtio1/block/vda is channel subsystem, subchannel, device."""
    at = steps.index("devices") + 1
    if len(steps) < at + 3:
        return None
    try:
        cssid = int(steps[at][3:], 16)
        _, ssid, subchno = (int(part, 16) for part in steps[at + 1].split("."))
        devno = int(steps[at + 2].split(".")[2], 16)
    except (ValueError, IndexError):
        return None
    address = _on_other_virtio(steps) or Address()
    address.ccw = (cssid, ssid, subchno, devno)
    return address


def _on_other_virtio(steps: Sequence[str]) -> Address | None:
    """A virtio device that is not on PCI, such as virtio-mmio or virtio-ccw."""
    if not any(step.startswith("virtio") for step in steps):
        return None
    address = Address()
    scsi = _scsi_place(steps)
    if scsi is None:
        address.bus_type = "virtio"
    else:
        address.bus_type = "scsi"
        address.bus, address.target, address.unit = scsi
    return address


def _pci_place(step: str) -> tuple[int, int, int, int] | None:
    """`0000:00:1f.2` as numbers, None for a step that is no PCI device."""
    try:
        domain, bus, rest = step.split(":")
        slot, function = rest.split(".")
        return int(domain, 16), int(bus, 16), int(slot, 16), int(function, 16)
    except ValueError:
        return None


def _driver(path: str) -> str:
    try:
        return os.path.basename(os.readlink(path + "/driver"))
    except OSError:
        return ""


def _scsi_place(steps: Sequence[str]) -> tuple[int, int, int] | None:
    """Channel, target and unit from the step after "targetH:C:T", which is "H:C:T:L"."""
    for at, step in enumerate(steps[:-1]):
        if step.startswith("target"):
            try:
                _, channel, target, unit = (int(part) for part in steps[at + 1].split(":"))
            except ValueError:
                return None
            return channel, target, unit
    return None


def _port(root: str, steps: Sequence[str]) -> int | None:
    """The disk's port among those of its controller, counted from 0 in the order of their ata (or host) numbers."""
    for word in ("ata", "host"):
        for at, step in enumerate(steps):
            if _numbered(step, word) is None:
                continue
            ports = (_numbered(name, word) for name in sysfs.names(root + "/".join(steps[:at])))
            found = sorted(port for port in ports if port is not None)
            number = _numbered(step, word)
            return found.index(number) if number in found else None
    return None


def _numbered(name: str, word: str) -> int | None:
    """7 of "ata7", None of another name."""
    digits = name[len(word) :]
    return int(digits) if name.startswith(word) and digits.isdecimal() else None

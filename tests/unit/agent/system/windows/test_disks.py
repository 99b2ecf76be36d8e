from __future__ import annotations

import struct
from typing import Any

import pytest

from guestwire.agent import platform
from guestwire.agent.commands.windows import filesystems as commands
from guestwire.agent.system.windows import disks, volumes
from guestwire.agent.system.windows.disks import (
    Disk,
    numbers_in,
    parse_descriptor,
    parse_extents,
    parse_scsi_address,
)
from guestwire.schema import builtin
from guestwire.schema.codec import check_result

COMMANDS = builtin.commands(platform.symbols(platform.WINDOWS))


def descriptor(bus: int, serial: bytes = b"") -> bytes:
    head = struct.pack("<IIBBBBIIIIII", 40, 0, 0, 0, 0, 1, 0, 0, 0, 40 if serial else 0, bus, 0)
    return head + bytes(4) + serial


def test_disks_among_all_devices() -> None:
    names = "C:\0PhysicalDrive10\0PhysicalDrive2\0physicaldrive0\0PhysicalDriveX\0COM1\0\0"
    assert numbers_in(names) == [0, 2, 10]


def test_descriptors() -> None:
    assert parse_descriptor(descriptor(10, b"  QM00001 \0rest")) == ("sas", "QM00001")
    assert parse_descriptor(descriptor(17)) == ("nvme", None)
    assert parse_descriptor(descriptor(99)) == ("unknown", None)
    assert parse_descriptor(b"cut") == ("unknown", None)


def test_scsi_addresses() -> None:
    assert parse_scsi_address(struct.pack("<IBBBB", 8, 2, 0, 3, 1)) == (0, 3, 1)
    assert parse_scsi_address(b"") == (-1, -1, -1)


def test_extents_of_a_volume_over_two_disks() -> None:
    extent = "<IIqq"
    data = struct.pack("<II", 3, 0) + b"".join(struct.pack(extent, n, 0, 0, 512) for n in (1, 0, 1))
    assert parse_extents(data) == [1, 0]
    assert parse_extents(data[:40]) == [1]
    assert parse_extents(b"") == []


@pytest.fixture
def two_disks(monkeypatch: pytest.MonkeyPatch) -> None:
    def disk(number: int, pci: Any) -> Disk:
        if number == 7:
            raise OSError(2, "gone")
        made = Disk(number)
        made.bus_type, made.serial, made.place, made.pci = (
            "scsi",
            "S1",
            (0, 1, 0),
            pci.get(number, (-1, -1, -1)),
        )
        return made

    monkeypatch.setattr(disks, "disk", disk)
    monkeypatch.setattr(disks, "disk_numbers", lambda: [0, 7])
    monkeypatch.setattr(disks, "pci_places", lambda: {0: (0, 5, 0)})
    monkeypatch.setattr(disks, "disks_below", lambda volume: [0])
    monkeypatch.setattr(volumes, "volumes", lambda: iter(["V1", "V2"]))
    monkeypatch.setattr(volumes, "is_cdrom", lambda volume: volume == "V2")
    monkeypatch.setattr(volumes, "mount_points", lambda volume: ["C:\\"])
    monkeypatch.setattr(volumes, "filesystem", lambda volume: "NTFS")
    monkeypatch.setattr(volumes, "space", lambda volume: (100, 40))


ADDRESS = {
    "pci-controller": {"domain": 0, "bus": 0, "slot": 5, "function": 0},
    "bus-type": "scsi",
    "bus": 0,
    "target": 1,
    "unit": 0,
    "dev": r"\\.\PhysicalDrive0",
    "serial": "S1",
}


@pytest.mark.usefixtures("two_disks")
def test_the_answers() -> None:
    found = commands.guest_get_disks()
    assert found == [
        {"name": r"\\.\PhysicalDrive0", "partition": False, "dependencies": [], "address": ADDRESS}
    ]
    check_result(COMMANDS["guest-get-disks"], found)
    filesystems = commands.guest_get_fsinfo()
    assert filesystems[0]["disk"] == [ADDRESS]
    check_result(COMMANDS["guest-get-fsinfo"], filesystems)

from __future__ import annotations

from pathlib import Path

import pytest

from guestwire.agent.system.linux.diskaddress import address_of
from tests.fixtures.trees import plant

PCI = "/sys/devices/pci0000:00"


@pytest.mark.parametrize(
    ("path", "bus_type", "pci", "place"),
    [
        ("0000:00:1f.2/ata5/host4/target4:0:0/4:0:0:0/block/sda/sda1", "sata", (0, 0, 0x1F, 2), (0, 0, 0)),
        ("0000:00:1f.2/ata10/host9/target9:0:0/9:0:0:0/block/sdb", "sata", (0, 0, 0x1F, 2), (0, 0, 2)),
        ("0000:00:01.1/ata2/host1/target1:0:1/1:0:1:0/block/sr0", "ide", (0, 0, 1, 1), (1, 0, 1)),
        (
            "0000:00:14.0/usb1/1-1/1-1:1.0/host12/target12:0:0/12:0:0:0/block/sdc",
            "usb",
            (0, 0, 0x14, 0),
            (0, 0, 0),
        ),
        ("0000:00:07.0/host7/target7:0:3/7:0:3:0/block/sdd", "scsi", (0, 0, 7, 0), (0, 0, 3)),
        (
            "0000:00:1c.0/0000:02:00.0/virtio5/host8/target8:0:1/8:0:1:6/block/sde",
            "scsi",
            (0, 2, 0, 0),
            (0, 0, 6),
        ),
        ("0000:00:1f.2/sdx", "unknown", (0, 0, 0x1F, 2), (0, 0, 0)),
        ("0000:00:1f.2/target1:0:0/1:0:0:0/block/sdx", "unknown", (0, 0, 0x1F, 2), (0, 0, 0)),
        ("0000:00:07.0/target7:0:3/odd/block/sdx", "unknown", (0, 0, 7, 0), (0, 0, 0)),
    ],
)
def test_behind_pci(
    tmp_path: Path, path: str, bus_type: str, pci: tuple[int, ...], place: tuple[int, int, int]
) -> None:
    address = address_of(plant("hardware", tmp_path), f"{PCI}/{path}")
    assert address is not None
    assert address.bus_type == bus_type
    assert address.pci == pci
    assert (address.bus, address.target, address.unit) == place


@pytest.mark.parametrize(
    "path",
    [
        f"{PCI}/0000:00:08.0/host6/target6:2:0/6:2:0:0/block/sdf",
        f"{PCI}/0000:00:99.0",
        PCI,
        "/sys/devices/platform/soc/mmc0/block/mmcblk0",
        "/somewhere/else",
        "/sys/devices/css0",
        "/sys/devices/css0/odd/0.0.0000/virtio1/block/vda",
    ],
)
def test_hardware_that_is_not_known(tmp_path: Path, path: str) -> None:
    assert address_of(plant("hardware", tmp_path), path) is None


def test_channel_subsystem_of_s390() -> None:
    address = address_of("", "/sys/devices/css0/0.1.0003/0.0.002a/virtio1/block/vda")
    assert address is not None
    assert (address.bus_type, address.ccw, address.pci) == ("virtio", (0, 1, 3, 0x2A), (-1, -1, -1, -1))
    dasd = address_of("", "/sys/devices/css0/0.0.0003/0.0.e000/block/dasda")
    assert dasd is not None
    assert (dasd.bus_type, dasd.ccw) == ("unknown", (0, 0, 3, 0xE000))


def test_virtio_without_pci() -> None:
    disk = address_of("", "/sys/devices/platform/a003e00.virtio_mmio/virtio3/block/vda")
    assert disk is not None
    assert disk.bus_type == "virtio"
    scsi = address_of("", "/sys/devices/platform/x/virtio3/host1/target1:0:2/1:0:2:5/block/sda")
    assert scsi is not None
    assert (scsi.bus_type, scsi.bus, scsi.target, scsi.unit) == ("scsi", 0, 2, 5)

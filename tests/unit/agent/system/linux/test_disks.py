from __future__ import annotations

from pathlib import Path

import pytest

from guestwire.agent.system.linux import disks, sysfs
from guestwire.agent.system.linux.disks import Disk, Disks
from guestwire.agent.system.linux.uevents import BlockEvents
from tests.fixtures.trees import plant


def by_node(found: list[Disk]) -> dict[str, Disk]:
    return {disk.node: disk for disk in found}


def test_disks_of_a_guest(tmp_path: Path) -> None:
    source = Disks(plant("debian", tmp_path))
    found = by_node(source.disks())
    source.close()
    assert set(found) == {
        "/dev/vda",
        "/dev/vdb",
        "/dev/sda",
        "/dev/sda1",
        "/dev/sda2",
        "/dev/sda3",
        "/dev/dm-0",
        "/dev/nvme0n1",
    }
    assert found["/dev/sda3"].partition
    assert found["/dev/sda3"].slaves == ["/dev/sda"]
    assert found["/dev/sda3"].address is None
    assert found["/dev/dm-0"].slaves == ["/dev/sda2"]
    assert found["/dev/dm-0"].alias == "qga-linear"
    assert found["/dev/dm-0"].address is None
    vda = found["/dev/vda"].address
    assert vda is not None
    assert (vda.serial, vda.node, vda.address.bus_type, vda.address.pci) == (
        "qga-root",
        "/dev/vda",
        "virtio",
        (0, 0, 3, 0),
    )
    nvme = found["/dev/nvme0n1"].address
    assert nvme is not None
    assert nvme.address.bus_type == "nvme"


def test_stacks_hidden_disks_and_no_udev(tmp_path: Path) -> None:
    found = by_node(Disks(plant("hardware", tmp_path)).disks())
    assert found["/dev/dm-1"].alias == "vg0-home"
    assert sorted(found["/dev/md0"].slaves) == ["/dev/sda1", "/dev/sdb1"]
    assert not any("nvme" in node for node in found)
    unknown = found["/dev/sdf"].address
    assert unknown is not None
    assert (unknown.address.bus_type, unknown.address.pci, unknown.serial) == (
        "unknown",
        (-1, -1, -1, -1),
        None,
    )


def test_what_is_under_a_filesystem(tmp_path: Path) -> None:
    source = Disks(plant("hardware", tmp_path))
    (name, hardware), (unknown, nothing) = source.under([(253, 1), (66, 66)])
    assert name == "dm-1"
    assert sorted(str(location.node) for location in hardware) == ["/dev/sda1", "/dev/sdb1"]
    assert (unknown, nothing) == ("66:66", [])


class Events:
    def __init__(self) -> None:
        self.happened = False

    def any(self) -> bool:
        happened, self.happened = self.happened, False
        return happened

    def close(self) -> None:
        pass


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Disks, Events, Path]:
    source = Disks(plant("debian", tmp_path))
    sizes = tmp_path / "partitions"
    sizes.write_text("254 0 1024 vda\n")
    events = Events()
    source._events = events  # type: ignore[assignment]
    source._partitions = disks.os.open(sizes, disks.os.O_RDONLY)
    return source, events, sizes


def test_a_walk_is_kept_until_an_event(watched: tuple[Disks, Events, Path]) -> None:
    source, events, _ = watched
    first = source.disks()
    under = source.under([(254, 0)])[0]
    assert source.disks() is first
    assert source.under([(254, 0)])[0] is under
    events.happened = True
    assert source.disks() is not first
    assert source.under([(254, 0)])[0] is not under
    source.close()


def test_a_new_size_is_seen_without_an_event(watched: tuple[Disks, Events, Path]) -> None:
    source, _, sizes = watched
    first = source.disks()
    sizes.write_text("254 0 2048 vda\n")
    assert source.disks() is not first
    source.close()


def test_a_new_member_of_an_array_is_seen(
    watched: tuple[Disks, Events, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, _, sizes = watched
    members = [["sda1"], ["sda1"], ["sda1", "sdb1"]]
    sizes.write_text("9 0 2048 md0\n")
    real = sysfs.names
    monkeypatch.setattr(sysfs, "names", lambda path: members.pop(0) if "/md0/" in path else real(path))
    first = source.disks()
    assert source.disks() is first
    assert source.disks() is not first
    source.close()


def test_without_events_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: BlockEvents) -> None:
        raise PermissionError

    monkeypatch.setattr(BlockEvents, "__init__", refuse)
    source = Disks()
    assert source.disks() is not source.disks()
    source.close()


def test_this_machine() -> None:
    source = Disks()
    assert all(disk.node.startswith("/dev/") for disk in source.disks())
    source.close()

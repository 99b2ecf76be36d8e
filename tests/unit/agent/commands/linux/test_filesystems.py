from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from guestwire.agent.commands.linux import filesystems
from guestwire.agent.log import Log
from guestwire.agent.state import AgentState
from guestwire.agent.system.linux import nvme, sources, trim
from guestwire.agent.system.linux.guarded import Guard
from tests.fixtures.trees import grow, plant

SCSI = {
    "bus-type": "scsi",
    "bus": 0,
    "target": 0,
    "unit": 0,
    "pci-controller": {"domain": 0, "bus": 0, "slot": 5, "function": 0},
    "serial": "0QEMU_QEMU_HARDDISK_qga-scsi",
}


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[AgentState]:
    state = AgentState()
    state.root = plant("debian", tmp_path)
    state.log = Log()
    yield state
    opened = sources._sources.pop(state.root, None)
    if opened is not None:
        opened.mounts.close()
        opened.disks.close()


@pytest.fixture
def mounted(agent: AgentState, tmp_path: Path) -> AgentState:
    for path in ("mnt/data", "mnt/xfs", "mnt/vfat", "mnt/dm"):
        (tmp_path / path).mkdir(parents=True)
    return agent


def test_fsinfo_as_the_c_agent_answers_in_this_guest(mounted: AgentState) -> None:
    found = filesystems.guest_get_fsinfo(mounted)
    assert [(one["name"], one["mountpoint"], one["type"]) for one in found] == [
        ("dm-0", "/mnt/dm", "ext4"),
        ("sda3", "/mnt/vfat", "vfat"),
        ("sda1", "/mnt/xfs", "xfs"),
        ("vdb", "/mnt/data", "ext4"),
        ("vda", "/", "ext4"),
    ]
    assert found[0]["disk"] == [SCSI | {"dev": "/dev/sda2"}]
    assert found[1]["disk"] == [SCSI | {"dev": "/dev/sda3"}]
    assert all(one["total-bytes-privileged"] >= one["total-bytes"] >= one["used-bytes"] >= 0 for one in found)


def test_sizes(mounted: AgentState, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = os.statvfs_result((4096, 1024, 1000, 400, 300, 0, 0, 0, 0, 255))
    monkeypatch.setattr(filesystems, "statistics", lambda root, sources, mounts: [answer] * len(mounts))
    root = filesystems.guest_get_fsinfo(mounted)[-1]
    assert root["used-bytes"] == 600 * 1024
    assert root["total-bytes"] == 900 * 1024
    assert root["total-bytes-privileged"] == 1000 * 1024


def test_a_filesystem_that_does_not_answer_has_no_sizes(
    mounted: AgentState, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dead(Guard):
        def ask(self, function: Any, keys: Any) -> list[Any]:
            return [TimeoutError() if key.endswith(b"/xfs") else function(key) for key in keys]

    filesystems.sources_of(mounted).guard = Dead()
    sizes = {one["mountpoint"]: "used-bytes" in one for one in filesystems.guest_get_fsinfo(mounted)}
    assert sizes == {"/": True, "/mnt/data": True, "/mnt/xfs": False, "/mnt/vfat": True, "/mnt/dm": True}


def test_a_prompt_filesystem_whose_mount_point_is_gone(tmp_path: Path) -> None:
    state = AgentState()
    state.root = str(tmp_path)
    grow(tmp_path, "file /proc/self/mountinfo = 1 0 8:1 / /gone rw - ext4 /dev/sda1 rw\\n")
    assert filesystems.guest_get_fsinfo(state) == [
        {"name": "8:1", "mountpoint": "/gone", "type": "ext4", "disk": []}
    ]
    sources._sources.pop(state.root).mounts.close()


def test_a_mount_point_that_is_gone_makes_it_read_the_table_again(
    agent: AgentState, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten = []
    monkeypatch.setattr(filesystems.sources_of(agent).mounts, "forget", lambda: forgotten.append(1))
    assert ["used-bytes" in one for one in filesystems.guest_get_fsinfo(agent)] == [False] * 4 + [True]
    assert forgotten


def test_names_with_blanks_and_devices_that_sysfs_does_not_show(tmp_path: Path) -> None:
    state = AgentState()
    state.root = plant("hardware", tmp_path)
    found = filesystems.guest_get_fsinfo(state)
    assert [(one["name"], one["mountpoint"]) for one in found] == [
        ("66:66", "/mnt/unknown"),
        ("sdc", "/media/usb stick"),
        ("dm-1", "/home"),
    ]
    assert [len(one["disk"]) for one in found] == [0, 1, 2]
    assert found[1]["disk"][0]["bus-type"] == "usb"
    sources._sources.pop(state.root).mounts.close()


def test_disks_as_the_c_agent_answers_in_this_guest(
    agent: AgentState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nvme, "smart", lambda node: {"temperature": 323})
    found = {one["name"]: one for one in filesystems.guest_get_disks(agent)}
    assert len(found) == 8
    assert found["/dev/sda2"] == {"name": "/dev/sda2", "partition": True, "dependencies": ["/dev/sda"]}
    assert found["/dev/sda"] == {
        "name": "/dev/sda",
        "partition": False,
        "dependencies": [],
        "address": SCSI | {"dev": "/dev/sda"},
    }
    assert found["/dev/dm-0"] == {
        "name": "/dev/dm-0",
        "partition": False,
        "dependencies": ["/dev/sda2"],
        "alias": "qga-linear",
    }
    assert found["/dev/nvme0n1"]["smart"] == {"type": "nvme", "temperature": 323}
    assert found["/dev/nvme0n1"]["address"]["pci-controller"]["slot"] == 6


def test_a_disk_that_tells_no_health_is_listed_all_the_same(agent: AgentState) -> None:
    found = {one["name"]: one for one in filesystems.guest_get_disks(agent)}
    assert "smart" not in found["/dev/nvme0n1"]


def test_the_channel_address_of_s390(tmp_path: Path) -> None:
    disk = "/sys/devices/css0/0.0.0001/0.0.0002/virtio0/block/vda"
    grow(tmp_path, f"file {disk}/uevent = DEVNAME=vda\\n")
    grow(tmp_path, f"file {disk}/size = 8\\n")
    grow(tmp_path, f"link /sys/block/vda -> ..{disk[4:]}")
    grow(tmp_path, "file /proc/self/mountinfo = ")
    state = AgentState()
    state.root = str(tmp_path)
    (found,) = filesystems.guest_get_disks(state)
    assert found["address"]["ccw-address"] == {"cssid": 0, "ssid": 0, "subchno": 1, "devno": 2}
    sources._sources.pop(state.root).mounts.close()


def test_trim_tells_a_result_for_each(mounted: AgentState, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def fake(fd: int, minimum: int) -> tuple[int, int]:
        path = os.path.basename(os.readlink(f"/proc/self/fd/{fd}"))
        asked.append(minimum)
        if path == "vfat":
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")
        if path == "data":
            raise OSError(errno.EINVAL, "Invalid argument")
        return 2**64 - 1, 4096

    monkeypatch.setattr(trim, "trim", fake)
    os.rmdir(mounted.root + "/mnt/xfs")
    assert filesystems.guest_fstrim(mounted) == {
        "paths": [
            {"path": "/mnt/dm", "trimmed": -1, "minimum": 4096},
            {"path": "/mnt/vfat", "error": "trim not supported"},
            {"path": "/mnt/xfs", "error": "failed to open: No such file or directory"},
            {"path": "/mnt/data", "error": "failed to trim: Invalid argument"},
            {"path": "/", "trimmed": -1, "minimum": 4096},
        ]
    }
    filesystems.guest_fstrim(mounted, 512)
    filesystems.guest_fstrim(mounted, -1)
    assert set(asked) == {0, 512, 2**64 - 1}


def test_a_microvm_as_the_c_agent_answers_in_it(tmp_path: Path) -> None:
    state = AgentState()
    state.root = plant("microvm", tmp_path)
    address = {
        "bus-type": "virtio",
        "bus": 0,
        "target": 0,
        "unit": 0,
        "pci-controller": {"domain": 0, "bus": 0, "slot": 2, "function": 0},
        "dev": "/dev/vda",
    }
    (root,) = filesystems.guest_get_fsinfo(state)
    assert (root["name"], root["mountpoint"], root["type"], root["disk"]) == ("vda", "/", "ext4", [address])
    assert filesystems.guest_get_disks(state) == [
        {"name": "/dev/vda", "partition": False, "dependencies": [], "address": address}
    ]
    sources._sources.pop(state.root).mounts.close()

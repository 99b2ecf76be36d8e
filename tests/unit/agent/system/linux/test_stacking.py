from __future__ import annotations

from pathlib import Path

from guestwire.agent.system.linux.mounts import Mount, MountTable, on_block_devices
from guestwire.agent.system.linux.stacking import _device_of_file, freezing_order
from tests.fixtures.trees import grow, plant


def order(root: str) -> list[bytes]:
    table = MountTable(root)
    mounts = table.mounts()
    table.close()
    return [one.path for one in freezing_order(root, mounts, on_block_devices(mounts))]


def test_images_are_frozen_before_the_filesystem_that_holds_them(tmp_path: Path) -> None:
    found = order(plant("stacked", tmp_path))
    place = {path: at for at, path in enumerate(found)}
    assert len(found) == 6
    assert place[b"/srv/inner"] < place[b"/data"]  # a partition of a loop device
    assert place[b"/srv/inner2"] < place[b"/data"]  # a file on an overlay whose upper directory is there
    assert place[b"/on-deleted"] < place[b"/data"]  # dm over a loop device whose file has been deleted
    assert place[b"/snap/core/1"] < place[b"/"]


def test_without_stacks_it_is_reverse_mount_order(tmp_path: Path) -> None:
    assert order(plant("debian", tmp_path)) == [b"/mnt/dm", b"/mnt/vfat", b"/mnt/xfs", b"/mnt/data", b"/"]


def test_a_stack_that_bites_its_tail_ends(tmp_path: Path) -> None:
    loops = ""
    for number, holder in ((0, "/b"), (1, "/a")):
        device = f"/sys/devices/virtual/block/loop{number}"
        grow(tmp_path, f"file {device}/loop/backing_file = {holder}/image\\n")
        grow(tmp_path, f"link {device}/slaves/loop{number} -> ../../loop{number}")
        grow(tmp_path, f"link /sys/dev/block/7:{number} -> ../../devices/virtual/block/loop{number}")
        loops += f"{number} 0 7:{number} / /{'ab'[number]} rw - ext4 /dev/loop{number} rw\\n"
    grow(tmp_path, "link /sys/devices/virtual/block/loop0/slaves/gone -> ../../gone")
    grow(tmp_path, f"file /proc/self/mountinfo = {loops}")
    assert sorted(order(str(tmp_path))) == [b"/a", b"/b"]


def test_where_a_file_lies() -> None:
    mounts = [
        Mount((8, 1), b"ext4", b"/", b"", b""),
        Mount((8, 2), b"ext4", b"/data", b"", b""),
        Mount((8, 3), b"ext4", b"/data", b"", b""),
        Mount((0, 9), b"overlay", b"/over", b"", b"lowerdir=/x,upperdir=/over"),
        Mount((0, 10), b"overlay", b"/read-only", b"", b"lowerdir=/x"),
    ]
    assert _device_of_file(mounts, b"/data/image") == (8, 3)
    assert _device_of_file(mounts, b"/database") == (8, 1)
    assert _device_of_file(mounts, b"/over/image") is None
    assert _device_of_file(mounts, b"/read-only/image") is None
    assert _device_of_file(mounts[1:], b"/elsewhere") is None

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guestwire.agent.system.linux import mounts
from guestwire.agent.system.linux.mounts import MountTable, block_device_of, on_block_devices, parse, unescape
from tests.fixtures.trees import plant

if TYPE_CHECKING:
    import pytest


def no_device(source: bytes) -> None:
    return None


def test_a_guest_with_bind_mounts_snaps_nfs_and_overlay(tmp_path: Path) -> None:
    table = MountTable(plant("stacked", tmp_path))
    found = {one.path: one for one in table.filesystems()}
    table.close()
    assert list(found) == [b"/on-deleted", b"/srv/inner2", b"/srv/inner", b"/", b"/data", b"/snap/core/1"]
    assert found[b"/"].paths == [b"/", b"/var/www"]
    assert found[b"/"].device == (252, 1)
    assert found[b"/snap/core/1"].kind == b"squashfs"


def test_btrfs_is_known_by_its_source_device() -> None:
    lines = b"45 28 0:52 /@ /btr rw - btrfs /dev/vdb rw\n46 28 0:52 /@home /btr/home rw - btrfs /dev/vdb rw\n"
    (found,) = on_block_devices(parse(lines, {b"/dev/vdb": (252, 16)}.get))
    assert (found.device, found.paths) == ((252, 16), [b"/btr", b"/btr/home"])
    assert not on_block_devices(parse(lines, no_device))


def test_fields_that_are_odd_but_legal() -> None:
    lines = (
        b"1 0 8:1 / /with\\040space\\011tab\\134backslash\\012newline rw shared:1 master:2 - ext4 /dev/s\\040a rw\n"
        b"2 0 8:2 / /not\xffutf8\r rw - xfs /dev/sdb rw\n"
        b"3 0 0:3 / /no-source rw - tmpfs  rw\n"
    )
    first, second, third = parse(lines, no_device)
    assert first.path == b"/with space\ttab\\backslash\nnewline"
    assert first.source == b"/dev/s a"
    assert second.path == b"/not\xffutf8\r"
    assert (third.source, third.options) == (b"", b"rw")


def test_what_answers_from_memory(tmp_path: Path) -> None:
    lines = (
        b"1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
        b"2 1 8:2 / /data rw - xfs /dev/sda2 rw\n"
        b"3 1 8:3 / /data/below rw - ext4 /dev/sda3 rw\n"
        b"4 1 0:40 / /mnt/server rw - nfs4 server:/ rw\n"
        b"5 4 8:4 / /mnt/server/disk rw - ext4 /dev/sda4 rw\n"
        b"6 1 8:5 / /mnt/server2 rw - ext3 /dev/sda5 rw\n"
        b"7 1 0:41 / /run rw - tmpfs tmpfs rw\n"
        b"8 7 8:6 / /run/media rw - ext2 /dev/sda6 rw\n"
        b"9 7 8:7 / /fuse rw - fuseblk /dev/sda7 rw\n"
    )
    found = on_block_devices(parse(lines, no_device))
    assert [one.path for one in found if one.prompt] == [b"/", b"/mnt/server2", b"/run/media"]


def test_unescape_leaves_plain_text_alone() -> None:
    assert unescape(b"/plain") == b"/plain"


def test_the_real_table_is_kept_until_the_kernel_says_that_it_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = MountTable()
    first = table.filesystems()
    assert table.filesystems() is first
    table.forget()
    assert table.filesystems() is not first
    changes = iter([[(3, 2)], [], [], []])

    class Poll:
        def poll(self, timeout: int) -> list[tuple[int, int]]:
            return next(changes)

    kept = table.filesystems()
    monkeypatch.setattr(table, "_poll", Poll())
    assert table.filesystems() is not kept
    table.close()


def test_a_table_that_changes_while_it_is_read_is_read_again(tmp_path: Path) -> None:
    table = MountTable(plant("debian", tmp_path))
    reads = []
    changes = iter([True, True, True])

    class Poll:
        def poll(self, timeout: int) -> bool:
            reads.append(1)
            return next(changes)

    table._poll = Poll()  # type: ignore[assignment]
    assert len(table.mounts()) == 8
    assert len(reads) == mounts._TRIES
    table.close()


def test_a_captured_tree_is_never_kept(tmp_path: Path) -> None:
    table = MountTable(plant("debian", tmp_path))
    assert table.filesystems() is not table.filesystems()
    table.close()


def test_block_device_of() -> None:
    assert block_device_of(b"/dev/null") is None
    assert block_device_of(b"/nowhere") is None
    assert block_device_of(b"with\0nul") is None

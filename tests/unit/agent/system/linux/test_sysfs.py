from __future__ import annotations

from pathlib import Path

import pytest

from guestwire.agent.system.linux import sysfs
from tests.fixtures.trees import plant


def test_resolve_follows_links_within_the_root(tmp_path: Path) -> None:
    root = plant("debian", tmp_path)
    assert sysfs.resolve(root, "/sys/dev/block/8:2").endswith("/block/sda/sda2")
    assert sysfs.resolve(root, "/sys/block/vda").startswith("/sys/devices/pci")
    with pytest.raises(FileNotFoundError):
        sysfs.resolve(root, "/sys/dev/block/99:99")


def test_readers_take_what_is_missing_for_nothing(tmp_path: Path) -> None:
    assert sysfs.read(f"{tmp_path}/none") is None
    assert sysfs.read_bytes(f"{tmp_path}/none") is None
    assert sysfs.names(f"{tmp_path}/none") == []
    assert sysfs.uevent(f"{tmp_path}/none") == {}


def test_text_and_bytes(tmp_path: Path) -> None:
    (tmp_path / "attribute").write_bytes(b"a\xff\n")
    assert sysfs.read(f"{tmp_path}/attribute") == "a\ufffd"
    assert sysfs.read_bytes(f"{tmp_path}/attribute") == b"a\xff"

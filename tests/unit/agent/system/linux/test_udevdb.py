from __future__ import annotations

from pathlib import Path

from guestwire.agent.system.linux.udevdb import block_properties


def test_only_properties_are_taken(tmp_path: Path) -> None:
    (tmp_path / "run/udev/data").mkdir(parents=True)
    (tmp_path / "run/udev/data/b8:0").write_bytes(
        b"S:disk/by-id/x\nE:ID_SERIAL=a=b \xff\nE:ID_BUS\nG:systemd\nV:1\n"
    )
    assert block_properties(str(tmp_path), "8:0") == {"ID_SERIAL": "a=b \ufffd", "ID_BUS": ""}


def test_no_udev(tmp_path: Path) -> None:
    assert block_properties(str(tmp_path), "8:0") == {}

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from guestwire.agent.system.linux import kernfile

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernfile, "_open_files", {})


@pytest.mark.parametrize("read", [kernfile.read_attribute, kernfile.read_table])
class TestBoth:
    def test_reads_anew_each_time(self, read: object, tmp_path: Path) -> None:
        path = tmp_path / "online"
        path.write_text("0-1\n")
        assert read(str(path)) == b"0-1\n"  # type: ignore[operator]
        path.write_text("0\n")
        assert read(str(path)) == b"0\n"  # type: ignore[operator]
        assert len(kernfile._open_files) == 1

    def test_missing(self, read: object, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            read(str(tmp_path / "none"))  # type: ignore[operator]
        assert not kernfile._open_files

    def test_dead_descriptor_is_replaced(self, read: object, tmp_path: Path) -> None:
        path = tmp_path / "online"
        path.write_text("1\n")
        # A descriptor that can't be read stands for one whose device went away.
        kernfile._open_files[str(path)] = os.open(tmp_path / "other", os.O_WRONLY | os.O_CREAT)
        assert read(str(path)) == b"1\n"  # type: ignore[operator]


def test_table_of_many_records(tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_bytes(b"x" * 300_000)
    assert kernfile.read_table(str(path)) == b"x" * 300_000


def test_real_kernel_tables_are_whole() -> None:
    assert kernfile.read_table("/proc/stat").rstrip().split(b"\n")[-1].startswith(b"softirq ")
    assert kernfile.read_table("/proc/self/status").endswith(b"\n")

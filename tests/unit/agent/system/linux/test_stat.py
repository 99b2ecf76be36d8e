from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from guestwire.agent.system.linux.stat import cpu_times, disk_counters
from tests.unit.agent.trees import fixture, plant

if TYPE_CHECKING:
    from pathlib import Path


def tree(tmp_path: Path, kernel: str) -> str:
    for name in ("stat", "diskstats"):
        plant(tmp_path, {f"proc/{name}": fixture(f"proc/{kernel}/{name}")})
    return str(tmp_path)


def test_cpu_times_of_new_kernel(tmp_path: Path) -> None:
    cpus = cpu_times(tree(tmp_path, "6.18"))
    assert [number for number, _ in cpus] == [0, 1]
    assert [len(ticks) for _, ticks in cpus] == [10, 10]


def test_cpu_times_of_old_kernel(tmp_path: Path) -> None:
    assert cpu_times(tree(tmp_path, "2.6.9")) == [(0, [1231, 12, 345, 98765, 210, 3, 7])]


def test_odd_cpu_lines(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {"proc/stat": "cpu 1\ncpux 1 2 3 4 5\ncpu3 1 2 3\ncpu7 1 2 3 4 5 6 7 8 9 10 11\nctxt 5\ncpu9 1"},
    )
    assert cpu_times(str(tmp_path)) == [(7, list(range(1, 11)))]


def test_disks_of_old_kernel(tmp_path: Path) -> None:
    disks = disk_counters(tree(tmp_path, "2.6.9"))
    assert disks[1] == ("sda1", 8, 1, [13023, 234567, 5308, 65432])
    assert len(disks[0][3]) == 11


def test_disks_of_new_kernel(tmp_path: Path) -> None:
    assert {len(counters) for *_, counters in disk_counters(tree(tmp_path, "6.18"))} == {17}


def test_odd_disk_lines(tmp_path: Path) -> None:
    plant(tmp_path, {"proc/diskstats": b"1 2 few 3\n\n   8 0 n\xe4me 1 2 3 4\n"})
    assert disk_counters(str(tmp_path)) == [("n\udce4me", 8, 0, [1, 2, 3, 4])]


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        cpu_times(str(tmp_path))

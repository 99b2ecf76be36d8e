from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from guestwire.agent.commands.linux import stats
from guestwire.agent.commands.linux.stats import guest_get_cpustats, guest_get_diskstats
from tests.unit.agent.trees import fixture, plant, state

if TYPE_CHECKING:
    from pathlib import Path

OLD = {"read-ios", "read-merges", "read-sectors", "read-ticks"}
OLD |= {name.replace("read", "write") for name in OLD} | {"ios-pgr", "total-ticks", "weight-ticks"}
DISCARD = {"discard-ios", "discard-merges", "discard-sectors", "discard-ticks"}
FLUSH = {"flush-ios", "flush-ticks"}


def test_cpustats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stats, "_TICKS_PER_SECOND", 100)
    plant(tmp_path, {"proc/stat": "cpu 1 1 1 1\ncpu0 1 2 3 4 5 6 7 8 9 10\ncpu4 1 2 3 4\nintr 0\n"})
    assert guest_get_cpustats(state(tmp_path)) == [
        {
            "type": "linux",
            "cpu": 0,
            "user": 10,
            "nice": 20,
            "system": 30,
            "idle": 40,
            "iowait": 50,
            "irq": 60,
            "softirq": 70,
            "steal": 80,
            "guest": 90,
            "guestnice": 100,
        },
        {"type": "linux", "cpu": 4, "user": 10, "nice": 20, "system": 30, "idle": 40},
    ]


@pytest.mark.parametrize(
    ("kernel", "members"),
    [("4.14", OLD), ("4.19", OLD | DISCARD), ("6.18", OLD | DISCARD | FLUSH)],
)
def test_diskstats_by_kernel(kernel: str, members: set[str], tmp_path: Path) -> None:
    plant(tmp_path, {"proc/diskstats": fixture(f"proc/{kernel}/diskstats")})
    for disk in guest_get_diskstats(state(tmp_path)):
        assert set(disk) == {"name", "major", "minor", "stats"}
        assert set(disk["stats"]) == members


def test_diskstats_values(tmp_path: Path) -> None:
    counters = " ".join(str(number) for number in range(1, 18))
    plant(tmp_path, {"proc/diskstats": f"254 0 vda {counters}\n"})
    (disk,) = guest_get_diskstats(state(tmp_path))
    assert (disk["name"], disk["major"], disk["minor"]) == ("vda", 254, 0)
    assert disk["stats"]["read-ios"] == 1
    assert disk["stats"]["read-sectors"] == 3
    assert disk["stats"]["weight-ticks"] == 11
    assert disk["stats"]["discard-sectors"] == 14
    assert disk["stats"]["flush-ticks"] == 17


def test_old_partition_and_odd_lengths(tmp_path: Path) -> None:
    plant(tmp_path, {"proc/diskstats": "8 1 sda1 1 2 3 4\n8 2 sda2 1 2 3 4 5\n"})
    old, odd = guest_get_diskstats(state(tmp_path))
    assert old["stats"] == {"read-ios": 1, "read-sectors": 2, "write-ios": 3, "write-sectors": 4}
    assert odd["stats"] == {}

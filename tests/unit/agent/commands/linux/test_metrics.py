from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from guestwire.agent import platform
from guestwire.agent.commands.linux import metrics
from guestwire.agent.commands.linux.metrics import guestwire_get_metrics
from guestwire.agent.state import AgentState
from guestwire.agent.system.linux import sources
from guestwire.schema import builtin
from tests.unit.agent.trees import FIXTURES, plant, state

STAMPS = {"boot-id", "monotonic", "uptime", "time"}
SECTIONS = {"cpus", "load", "memory", "pressure", "disks", "interfaces", "processes", "users", "kernel"}
PROCESS = "%d (cat) %s 1 1 1 0 -1 4 1 0 0 0 %d 0 0 0 20 0 2 0 700 90 %d 1\n"


@pytest.fixture
def guest(tmp_path: Path) -> Iterator[AgentState]:
    captured = FIXTURES / "proc/6.18"
    files = [path for path in captured.rglob("*") if path.is_file()]
    plant(tmp_path, {f"proc/{path.relative_to(captured)}": path.read_bytes() for path in files})
    plant(tmp_path, {"proc/sys/kernel/random/boot_id": "0b-1c\n", "var/run/utmp": ""})
    plant(tmp_path, {"proc/self/mountinfo": "22 1 254:1 / / rw - ext4 /dev/vda1 rw\n"})
    for pid, letter, cpu, resident in ((1, "S", 5, 9), (2, "R", 80, 3), (3, "Z", 0, 0), (4, "X", 0, 0)):
        plant(tmp_path, {f"proc/{pid}/stat": PROCESS % (pid, letter, cpu, resident)})
    yield state(tmp_path)
    close(str(tmp_path))


def close(root: str) -> None:
    opened = sources._sources.pop(root, None)
    if opened is not None:
        opened.mounts.close()
        opened.disks.close()


def one(agent: AgentState, section: str, **arguments: Any) -> Any:
    answer = guestwire_get_metrics(agent, sections=[section], **arguments)
    assert set(answer) == STAMPS | {section}
    return answer[section]


def test_all_sections(guest: AgentState) -> None:
    answer = guestwire_get_metrics(guest)
    assert set(answer) == STAMPS | SECTIONS | {"filesystems", "missing"}
    assert answer["boot-id"] == "0b-1c"
    assert answer["missing"] == [{"section": "units", "reason": os.strerror(2)}]
    assert 0 < answer["monotonic"] <= answer["uptime"]


def test_sections_are_those_of_the_schema() -> None:
    arguments = builtin.commands(platform.symbols("linux"))["guestwire-get-metrics"].arguments
    assert [argument.keyword for argument in arguments] == ["sections", "top"]
    assert set(metrics._SECTIONS) == SECTIONS | {"filesystems", "units"}
    schema = Path(builtin.__file__).with_name("qapi") / "metrics.json"
    values = schema.read_text().partition("'enum': 'GuestwireSection'")[2].partition("]")[0]
    assert all(f"'{name}'" in values for name in metrics._SECTIONS)


def test_only_what_is_asked(guest: AgentState) -> None:
    assert set(guestwire_get_metrics(guest, sections=[])) == STAMPS
    assert one(guest, "load") == {"load1m": 0.2, "load5m": 0.9, "load15m": 1.04}


def test_memory(guest: AgentState) -> None:
    memory = one(guest, "memory")
    assert memory["total"] == 24684092 * 1024
    assert memory["oom-kills"] == 0
    plant(Path(guest.root), {"proc/meminfo": "MemTotal: 8 kB\n", "proc/vmstat": "pswpin 3\n"})
    assert one(guest, "memory") == {"total": 8192, "swap-ins": 3}


def test_pressure(guest: AgentState) -> None:
    assert {
        "resource": "io",
        "stall": "some",
        "avg10": 0.0,
        "avg60": 0.19,
        "avg300": 3.52,
        "total": 162249309,
    } in one(guest, "pressure")


def test_processes(guest: AgentState) -> None:
    told = one(guest, "processes", top=2)
    numbers = {name: count for name, count in told.items() if not name.startswith("top")}
    assert numbers == {
        "total": 4,
        "threads": 8,
        "running": 1,
        "sleeping": 1,
        "blocked": 0,
        "stopped": 0,
        "zombie": 1,
    }
    assert [process["pid"] for process in told["top-cpu"]] == [2, 1]
    assert [process["pid"] for process in told["top-memory"]] == [1, 2]
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    assert told["top-cpu"][0] == {
        "pid": 2,
        "parent": 1,
        "name": "cat",
        "state": "R",
        "start": 700 * 1000 // ticks,
        "cpu": 80 * 1000 // ticks,
        "resident-bytes": 3 * page,
        "threads": 2,
    }
    assert one(guest, "processes", top=0)["top-cpu"] == []


def test_filesystems(guest: AgentState, monkeypatch: pytest.MonkeyPatch) -> None:
    (told,) = one(guest, "filesystems")
    status = os.statvfs(guest.root)
    assert (told["source"], told["mountpoint"], told["type"]) == ("/dev/vda1", "/", "ext4")
    assert told["total-bytes"] == status.f_blocks * status.f_frsize
    assert ("inodes" in told) == bool(status.f_files)
    dead = TimeoutError(110, "Connection timed out")
    monkeypatch.setattr(metrics, "statistics", lambda root, sources, found: [dead])
    assert one(guest, "filesystems") == [
        {"source": "/dev/vda1", "mountpoint": "/", "type": "ext4", "error": "Connection timed out"}
    ]


def test_a_filesystem_without_a_number_of_inodes(guest: AgentState, monkeypatch: pytest.MonkeyPatch) -> None:
    status = os.statvfs_result((4096, 4096, 10, 5, 4, 0, 0, 0, os.ST_RDONLY, 255))
    monkeypatch.setattr(metrics, "statistics", lambda root, sources, found: [status])
    (told,) = one(guest, "filesystems")
    assert told["read-only"] is True
    assert (told["total-bytes"], told["free-bytes"], told["available-bytes"]) == (40960, 20480, 16384)
    assert "inodes" not in told


def test_interfaces_disks_and_kernel(guest: AgentState) -> None:
    assert {"rx-bytes", "tx-dropped"} <= set(one(guest, "interfaces")[0]["statistics"])
    assert one(guest, "disks")[0]["stats"]
    kernel = one(guest, "kernel")
    assert kernel["boot-time"] == 1795395528
    assert (kernel["file-handles"], kernel["file-handles-limit"]) == (594, 2466177)
    assert kernel["interrupts"] > 0


def test_units(guest: AgentState, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{number}.service" for number in range(2000)]
    monkeypatch.setattr("guestwire.agent.system.linux.units.failed_units", lambda root: names)
    assert one(guest, "units") == {"failed-count": 2000, "failed": names[:1024]}


@pytest.mark.parametrize("name", ["loadavg", "meminfo", "sys/fs/file-nr"])
def test_a_strange_file_costs_its_own_section(guest: AgentState, name: str) -> None:
    plant(Path(guest.root), {f"proc/{name}": "MemTotal: x y z\n"})
    answer = guestwire_get_metrics(guest)
    strange = [entry["section"] for entry in answer["missing"] if "form" in entry["reason"]]
    assert len(strange) == 1
    assert set(answer) == (STAMPS | SECTIONS | {"filesystems", "missing"}) - set(strange)


def test_lists_are_bounded(guest: AgentState) -> None:
    rows = "".join(f"8 {number} sd{number} 1 2 3 4 5 6 7 8 9 10 11\n" for number in range(3000))
    plant(Path(guest.root), {"proc/diskstats": rows})
    assert len(one(guest, "disks")) == 1024


def test_of_this_machine_fits_on_a_line() -> None:
    agent = AgentState()
    agent.root = ""
    answer = guestwire_get_metrics(agent, top=255)
    assert answer["cpus"]
    assert len(answer["processes"]["top-cpu"]) <= 100
    assert json.loads(json.dumps(answer)) == answer
    close("")

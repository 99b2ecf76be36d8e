from __future__ import annotations

from pathlib import Path

import pytest

from guestwire.agent.system.linux import figures
from tests.unit.agent.trees import FIXTURES, plant

ROOT_FILES = [path for path in (FIXTURES / "proc/6.18").rglob("*") if path.is_file()]


@pytest.fixture
def root(tmp_path: Path) -> str:
    captured = FIXTURES / "proc/6.18"
    return str(
        plant(tmp_path, {f"proc/{path.relative_to(captured)}": path.read_bytes() for path in ROOT_FILES})
    )


def test_memory(root: str, tmp_path: Path) -> None:
    memory = figures.memory(root)
    assert memory["MemTotal"] == 24684092 * 1024
    assert memory["HugePages_Total"] == 0
    plant(tmp_path / "odd", {"proc/meminfo": "HugePages_Free:  7\nEmpty:\njunk\n"})
    assert figures.memory(str(tmp_path / "odd")) == {"HugePages_Free": 7}


def test_virtual_memory(root: str) -> None:
    counters = figures.virtual_memory(root)
    assert counters["oom_kill"] == 0
    assert {"pgmajfault", "pswpin", "pswpout"} <= set(counters)


def test_pressure(root: str) -> None:
    assert figures.pressure(root, "io") == {
        "some": {"avg10": 0.0, "avg60": 0.19, "avg300": 3.52, "total": 162249309.0},
        "full": {"avg10": 0.0, "avg60": 0.13, "avg300": 2.51, "total": 125113817.0},
    }


def test_no_pressure_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        figures.pressure(str(tmp_path), "io")


def test_kernel(root: str) -> None:
    told = figures.kernel(root)
    assert told.pop("cpu")["user"] == 32794
    assert told["btime"] == 1795395528
    assert set(told) == {"intr", "ctxt", "btime", "processes", "procs_running", "procs_blocked"}


def test_kernel_that_tells_little(tmp_path: Path) -> None:
    plant(tmp_path, {"proc/stat": "cpu  1 2 3 4 5\nintr 1 2 3\n"})
    assert figures.kernel(str(tmp_path)) == {
        "cpu": {"user": 1, "nice": 2, "system": 3, "idle": 4, "iowait": 5},
        "intr": 1,
    }


def test_file_handles(root: str) -> None:
    assert figures.file_handles(root) == (594, 2466177)


def test_load_and_uptime(root: str) -> None:
    assert figures.load(root) == (0.20, 0.90, 1.04, 1, 95)
    assert figures.uptime(root) == 5639.05

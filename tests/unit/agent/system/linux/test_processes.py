from __future__ import annotations

from pathlib import Path

import pytest

from guestwire.agent.system.linux import processes as module
from guestwire.agent.system.linux.processes import CpuRanking, largest, parse, processes
from tests.unit.agent.trees import plant


def line(pid: int, name: str = "cat", cpu: int = 5, start: int = 700, resident: int = 90) -> str:
    front = f"{pid} ({name}) S 1 {pid} {pid} 0 -1 4194560 10 0 0 0 "
    return f"{front}{cpu} 2 0 0 20 0 3 0 {start} 9000000 {resident} 18446744073709551615 1 1 0 0\n"


def test_fields() -> None:
    process = parse(line(42, "a) (b c").encode())
    assert process is not None
    assert (process.pid, process.name, process.state, process.parent) == (42, b"a) (b c", b"S", 1)
    assert (process.cpu, process.threads, process.start, process.resident) == (7, 3, 700, 90)


@pytest.mark.parametrize("text", [b"", b"1 (cat) S 1", b"no parentheses", b"cat) S 1 2"])
def test_no_process(text: bytes) -> None:
    assert parse(text) is None


def test_one_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, {"proc/1/stat": line(1), "proc/22/stat": line(22), "proc/33/": "", "proc/self/": ""})
    assert sorted(process.pid for process in processes(str(tmp_path))) == [1, 22]

    def gone(fd: int, size: int) -> bytes:
        raise ProcessLookupError

    monkeypatch.setattr(module.os, "read", gone)
    assert processes(str(tmp_path)) == []


def test_ranking_is_by_what_was_used_since() -> None:
    def found(*cpus: tuple[int, int, int]) -> list[module.Process]:
        lines = (parse(line(pid, cpu=cpu, start=start).encode()) for pid, cpu, start in cpus)
        return [process for process in lines if process is not None]

    ranking = CpuRanking()
    first = ranking.top(found((1, 900, 1), (2, 50, 1), (3, 10, 1)), 2)
    assert [process.pid for process in first] == [1, 2]
    # 1 was idle, 3 was busy, and 2 is another process that got the same number
    later = ranking.top(found((1, 900, 1), (2, 20, 8), (3, 90, 1)), 5)
    assert [process.pid for process in later] == [3, 2, 1]


def test_largest() -> None:
    lines = [parse(line(pid, resident=pid * 10).encode()) for pid in (1, 3, 2)]
    found = [process for process in lines if process is not None]
    assert [process.pid for process in largest(found, lambda p: p.resident, 2)] == [3, 2]
    assert largest(found, lambda p: p.resident, 0) == []


def test_of_this_machine() -> None:
    assert any(process.resident > 0 and process.threads >= 1 for process in processes(""))

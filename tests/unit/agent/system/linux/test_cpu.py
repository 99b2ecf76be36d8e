from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from guestwire.agent.system.linux.cpu import list_cpus, parse_mask, set_online
from tests.unit.agent.trees import plant

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "sys/devices/system/cpu"


def cpus(root: Path, online: str, present: str, switches: dict[int, str | None]) -> str:
    files: dict[str, str | bytes] = {
        f"{FOLDER}/online": online,
        f"{FOLDER}/present": present,
        f"{FOLDER}/cpuidle/": "",
    }
    for number, switch in switches.items():
        name = f"{FOLDER}/cpu{number}/"
        files[name if switch is None else name + "online"] = switch or ""
    return str(plant(root, files))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [(b"\n", []), (b"", []), (b"0\n", [0]), (b"0-3\n", [0, 1, 2, 3]), (b"0,2-3,8\n", [0, 2, 3, 8])],
)
def test_parse_mask(text: bytes, numbers: list[int]) -> None:
    assert parse_mask(text) == numbers


def test_list(tmp_path: Path) -> None:
    root = cpus(tmp_path, "0-1\n", "0-2\n", {0: None, 10: "0\n", 1: "1\n", 2: "0\n"})
    assert list_cpus(root) == [(0, True, False), (1, True, True), (2, False, True), (10, False, True)]


def test_cpu_added_and_removed(tmp_path: Path) -> None:
    root = cpus(tmp_path, "0\n", "0\n", {0: None})
    assert list_cpus(root) == [(0, True, False)]
    cpus(tmp_path, "0\n", "0-1\n", {1: "0\n"})
    assert list_cpus(root) == [(0, True, False), (1, False, True)]
    cpus(tmp_path, "0-1\n", "0-1\n", {1: "1\n"})
    assert list_cpus(root) == [(0, True, False), (1, True, True)]
    cpus(tmp_path, "0\n", "0\n", {})
    (tmp_path / FOLDER / "cpu1/online").unlink()
    (tmp_path / FOLDER / "cpu1").rmdir()
    assert list_cpus(root) == [(0, True, False)]


def test_set(tmp_path: Path) -> None:
    root = cpus(tmp_path, "0-1\n", "0-1\n", {0: None, 1: "1\n"})
    switch = tmp_path / FOLDER / "cpu1/online"
    assert set_online(root, 1, False)
    assert switch.read_text() == "0\n"
    assert set_online(root, 1, True)
    assert switch.read_text() == "1\n"
    assert not set_online(root, 0, False)


def test_no_write_when_nothing_changes(tmp_path: Path) -> None:
    root = cpus(tmp_path, "0-1\n", "0-1\n", {1: "1\n"})
    before = (tmp_path / FOLDER / "cpu1/online").stat().st_mtime_ns
    assert set_online(root, 1, True)
    assert (tmp_path / FOLDER / "cpu1/online").stat().st_mtime_ns == before


@pytest.mark.parametrize("cpu", [99, -1])
def test_set_unknown(cpu: int, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        set_online(cpus(tmp_path, "0\n", "0\n", {}), cpu, True)
    assert caught.value.filename.endswith(f"cpu{cpu}/")


def test_this_machine() -> None:
    import os

    assert sum(online for _, online, _ in list_cpus("")) == os.sysconf("SC_NPROCESSORS_ONLN")

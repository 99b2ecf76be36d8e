"""The verbs on real agents, ours and QEMU's; what would change this machine is blocked there and must be refused."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Guestwire = Callable[..., Any]
PATIENCE = 30.0
DATA = os.urandom(3_000_000)


@pytest.mark.parametrize("verb", ["fs", "disks", "net", "cpu", "mem", "users", "time"])
def test_figures(agent: str, run: Callable[..., Any], verb: str) -> None:
    shown = run(verb, agent)
    assert (shown.status, shown.err) == (0, "")
    assert shown.out
    told = json.loads(run(verb, agent, "--json").out)
    assert told or verb in ("users", "disks", "fs")
    line = json.loads(run(verb, agent, "--jsonl").out)
    assert line["guest"] == agent
    assert type(line["result"]) is type(told)


def test_mem_agrees_with_the_kernel(agent: str, run: Callable[..., Any]) -> None:
    total = int(Path("/proc/meminfo").read_text().split()[1]) * 1024
    assert json.loads(run("mem", agent, "--json").out)["memory"]["total"] == total


@pytest.mark.parametrize(
    "words",
    [["freeze"], ["freeze", "--run", "true"], ["thaw"], ["trim"], ["shutdown"], ["reboot"], ["suspend"]],
)
def test_what_is_blocked_is_refused(agent: str, run: Callable[..., Any], words: list[str]) -> None:
    done = run(*words, agent)
    assert done.status == 1
    assert "has been disabled" in done.err


def test_cp_there_and_back(agent: str, guestwire: Guestwire, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "data").write_bytes(DATA)
    (tmp_path / "here" / "data").chmod(0o604)
    there = f"{agent}:{tmp_path}/there"
    assert guestwire("cp", "-r", "--checksum", str(tmp_path / "here"), there).returncode == 0
    assert guestwire("cp", "--checksum", f"{there}/data", str(tmp_path / "back")).returncode == 0
    assert (tmp_path / "back").read_bytes() == DATA
    assert (tmp_path / "back").stat().st_mode & 0o777 == 0o604
    assert guestwire("cp", "-r", there, str(tmp_path / "again")).returncode == 0
    assert (tmp_path / "again" / "data").read_bytes() == DATA


def test_cp_through_pipes(agent: str, guestwire: Guestwire, tmp_path: Path) -> None:
    assert guestwire("cp", "-", f"{agent}:{tmp_path}/piped", input=DATA).returncode == 0
    assert guestwire("cp", f"{agent}:{tmp_path}/piped", "-").stdout == DATA
    assert guestwire("cat", f"{agent}:{tmp_path}/piped").stdout == DATA
    assert guestwire("cp", f"{agent}:{tmp_path}/piped", f"{agent}:{tmp_path}/across").returncode == 0
    assert (tmp_path / "across").read_bytes() == DATA


@pytest.mark.parametrize("words", [["cat", "{}:/dev/zero"], ["cp", "--no-mode", "{}:/dev/zero", "-"]])
def test_a_reader_that_leaves_ends_it_without_a_word(agent: str, words: list[str]) -> None:
    argv = [sys.executable, "-m", "guestwire.cli", *(word.format(agent) for word in words)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.read(10)
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(PATIENCE) == 141


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_cp_interrupted(agent: str, run: Callable[..., Any], tmp_path: Path, number: int) -> None:
    argv = [
        sys.executable,
        "-m",
        "guestwire.cli",
        "cp",
        "--no-mode",
        f"{agent}:/dev/zero",
        str(tmp_path / "endless"),
    ]
    part = tmp_path / "endless.part"
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as child:
        end = time.monotonic() + PATIENCE
        while not (part.exists() and part.stat().st_size):
            assert time.monotonic() < end
            time.sleep(0.01)
        child.send_signal(number)
        _, said = child.communicate(timeout=PATIENCE)
    part.unlink()
    assert child.returncode == 128 + number
    assert "--resume goes on where it ended" in said
    assert "Traceback" not in said
    assert os.listdir(tmp_path) == []
    assert run("users", agent).status == 0  # the channel is free and clean

"""The code of docs/howto/agent-over-a-stock-agent.md, run against the C agent of this machine."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("needs Python 3.11", allow_module_level=True)

from tests.contract.agents import PATIENCE, running
from tests.packaging.build import build

from guestwire.errors import GuestwireError

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/howto/agent-over-a-stock-agent.md").read_text()
BRING, TRY, END_TRIAL, TAKE_OVER, STAY = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)

Play = Callable[..., dict[str, Any]]


@pytest.fixture
def stock(tmp_path: Path) -> Iterator[Path]:
    """The C agent's socket. Whoever ends it, it must not stay behind as a zombie: the shell waits for it to go."""
    with running(False, tmp_path) as agent:
        threading.Thread(target=agent.process.wait, daemon=True).start()
        yield agent.path


@pytest.fixture
def play(tmp_path: Path, stock: Path) -> Iterator[Play]:
    """Runs blocks of the page one after the other, with this machine's places in them; returns their names."""
    places = {
        "/run/guest.sock": str(stock),
        "/run/trial.sock": str(tmp_path / "trial.sock"),
        '"--path", "/dev/virtio-ports/com.example.agent.0"': f'"-m", "unix-listen", "-p", "{tmp_path}/trial.sock"',
        "/run/guestwire": str(tmp_path / "trial"),
        "/usr/local/sbin": str(tmp_path),
        "dist/guestwire-agent.pyz": str(build("zipapp")),
    }
    names: dict[str, Any] = {}

    def run(*blocks: str) -> dict[str, Any]:
        for block in blocks:
            for theirs, ours in places.items():
                block = block.replace(theirs, ours)
            exec(compile(block, "the page", "exec"), names)
        return names

    yield run
    if "guest" in names:
        names["guest"].close()


def end(pidfile: Path) -> None:
    """End the agent that went to the background, if it is there, and wait until it has gone."""
    deadline = time.monotonic() + PATIENCE
    if pidfile.exists():
        subprocess.run(["kill", pidfile.read_text().strip()], check=False)
    while pidfile.exists() and time.monotonic() < deadline:
        time.sleep(0.02)


def test_it_is_brought_in_and_tried(play: Play, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        play(BRING, TRY)
        assert re.search(r"^guestwire-agent \S+\n\n\S+\n$", capsys.readouterr().out, re.MULTILINE)
        assert (tmp_path / "guestwire-agent.pyz").read_bytes() == build("zipapp").read_bytes()
        play(END_TRIAL)
    finally:
        end(tmp_path / "trial/pid")
    assert not (tmp_path / "trial/pid").exists()


def test_it_takes_over(play: Play, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        guest = play(BRING, TAKE_OVER)["guest"]
        assert re.search(r"^[0-9.]+\S*\n$", capsys.readouterr().out.splitlines(True)[-1])
        commands = {command.name: command.enabled for command in guest.guest_info().supported_commands}
        assert commands["guestwire-info"]
        assert not commands["guest-shutdown"], "the options of the stock agent go over to the new one"
    finally:
        end(tmp_path / "pid")


def test_the_stock_agent_comes_back_when_the_new_one_fails(play: Play, tmp_path: Path) -> None:
    program = tmp_path / "guestwire-agent.pyz"
    guest = play(BRING)["guest"]
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/tried\nexit 1\n")
    with pytest.raises(GuestwireError):
        play(TAKE_OVER.replace("within=60", "within=1"))
    deadline = time.monotonic() + PATIENCE
    while not (tmp_path / "tried").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    guest.wait_ready(timeout=PATIENCE)
    started_again = guest.run(["sh", "-c", "echo $PPID"], check=True).stdout.decode().strip()
    guest.close()
    subprocess.run(["kill", started_again], check=True)


def test_the_unit_names_the_program_that_the_page_replaces() -> None:
    unit = (ROOT / "packaging/systemd/guestwire-agent.service").read_text()
    assert unit.count("/usr/sbin/guestwire-agent") == 1
    assert "\nConflicts=qemu-guest-agent.service\nAfter=qemu-guest-agent.service\n" in unit
    compile(STAY, "the page", "exec")

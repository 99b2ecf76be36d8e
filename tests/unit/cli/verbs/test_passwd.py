"""`guestwire passwd`, on guests in memory alone."""

from __future__ import annotations

import base64
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guestwire.testing import FakeGuest

StandIn = Callable[..., Any]
Run = Callable[..., Any]


@pytest.fixture
def guest(stand_in: StandIn) -> FakeGuest:
    made: FakeGuest = stand_in("web1", FakeGuest({"guest-set-user-password": None}))
    return made


def test_the_first_line_of_standard_input(
    guest: FakeGuest, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(" secret ü\r\nrest\n"))
    done = run("passwd", "web1", "ann")
    assert done == (0, "password of ann set\n", "")
    encoded = base64.b64encode(" secret ü".encode()).decode()
    assert guest.calls == [
        ("guest-set-user-password", {"username": "ann", "password": encoded, "crypted": False})
    ]


def test_a_hash(guest: FakeGuest, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("$6$salt$hash"))
    assert json.loads(run("passwd", "web1", "ann", "--crypted", "--json").out) == {"user": "ann"}
    assert guest.calls[0][1]["crypted"] is True


@pytest.mark.parametrize("text", ["", "\n", "x" * 5000])
def test_no_password(guest: FakeGuest, run: Run, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert run("passwd", "web1", "ann").status == 2
    assert guest.calls == []


def test_it_is_no_argument(guest: FakeGuest, run: Run) -> None:
    assert run("passwd", "web1", "ann", "secret").status == 2
    assert guest.calls == []


STAND_IN = """
import atexit, fcntl, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from guestwire.cli import main
from guestwire.client import transports
from guestwire.testing import FakeGuest, MemoryChannel
guest = FakeGuest({"guest-set-user-password": None})
transports.blocking = lambda address, resolver=None: MemoryChannel(guest)
atexit.register(lambda: print(guest.calls, flush=True))
main.program()
"""


def test_a_terminal_is_asked_twice_and_shows_nothing() -> None:
    root = Path(__file__).parents[4]
    here, there = pty.openpty()
    argv = [sys.executable, "-c", STAND_IN, "passwd", "unix:/nowhere", "ann"]
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    with subprocess.Popen(
        argv,
        stdin=there,
        stdout=subprocess.PIPE,
        stderr=there,
        env=environment,
        start_new_session=True,
    ) as child:
        os.close(there)
        seen = b""
        for _ in range(2):
            while not seen.endswith(b": "):
                seen += os.read(here, 1024)
            os.write(here, b"secret\n")
            seen += os.read(here, 1024)
        out, _ = child.communicate(timeout=30)
    os.close(here)
    assert child.returncode == 0
    assert b"secret" not in seen
    assert base64.b64encode(b"secret") in out

"""What a person sees: command lines on a pseudo-terminal, with guests that try to take it over."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from guestwire.client import GuestAgent
from guestwire.testing import FakeGuest

PATIENCE = 30.0
COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
START = """
import fcntl, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C reaches it
from guestwire.cli.main import program
program()
"""
ATTACK = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e"


class Terminal:
    """A process on a pseudo-terminal of its own."""

    def __init__(self, words: tuple[str, ...], columns: int, environment: dict[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        clean = {
            name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "CI")
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**clean, "TERM": "xterm-256color", **environment},
            start_new_session=True,
        )
        os.close(theirs)
        self.seen = b""

    def type(self, keys: bytes) -> None:
        os.write(self._ours, keys)

    def read(self, until: bytes | None = None) -> bytes:
        """All that appears up to the end, or up to `until`."""
        end = time.monotonic() + PATIENCE
        while until is None or until not in self.seen:
            readable, _, _ = select.select([self._ours], [], [], max(end - time.monotonic(), 0))
            assert readable, f"nothing more came after {self.seen!r}"
            try:
                data = os.read(self._ours, 65536)
            except OSError:  # EIO: the process has ended
                break
            if not data:
                break
            self.seen += data
        return self.seen

    def close(self) -> int:
        if self.process.poll() is None and sys.exc_info()[0] is not None:
            self.process.kill()
        status = self.process.wait(PATIENCE)
        os.close(self._ours)
        return status


@contextlib.contextmanager
def terminal(*words: str, columns: int = 80, **environment: str) -> Iterator[Terminal]:
    made = Terminal(words, columns, environment)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Callable[[Any], str]]:
    """`served(PEER)` puts a fake guest on a socket and gives its address."""
    listeners = []

    def serve(peer: Any) -> str:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(tmp_path / f"{len(listeners)}.sock"))
        listener.listen()
        listeners.append(listener)
        threading.Thread(target=_serve, args=(listener, peer), daemon=True).start()
        return f"unix:{listener.getsockname()}"

    yield serve
    for listener in listeners:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _serve(listener: socket.socket, peer: Any) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, contextlib.suppress(OSError):
            while data := connection.recv(65536):
                for piece in peer.receive(data):
                    connection.sendall(piece)


def hostile() -> FakeGuest:
    return FakeGuest(
        {
            "guest-get-host-name": {"host-name": ATTACK},
            "guest-exec": {"pid": 1},
            "guest-exec-status": {"exited": True, "exitcode": 0, "out-data": "G1syShtdMDtvd25lZAdva9+bCg=="},
            "guest-get-osinfo": {"pretty-name": "x" * 200},
        }
    )


def test_a_table_has_colours_and_keeps_the_width(served: Callable[[Any], str]) -> None:
    with terminal("info", served(hostile()), columns=60) as screen:
        text = screen.read()
    assert COLOUR.search(text)
    lines = COLOUR.sub(b"", text).replace(b"\r\n", b"\n").decode().split("\n")
    assert max(map(len, lines)) <= 60
    assert text.count(b"x") >= 200, "what does not fit is folded, not lost"


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colours_where_they_are_not_wanted(
    environment: dict[str, str], served: Callable[[Any], str]
) -> None:
    with terminal("info", served(hostile()), **environment) as screen:
        assert b"\x1b" not in screen.read()


def test_a_guest_cannot_take_over_the_terminal(served: Callable[[Any], str]) -> None:
    address = served(hostile())
    for words in (
        ("info", address),
        ("info", address, "--json"),
        ("exec", address, "x"),
        ("call", address, "guest-no"),
    ):
        with terminal(*words) as screen:
            text = COLOUR.sub(b"", screen.read())
        assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text), words
        assert not re.search("[\x80-\x9f\u202e]", text.decode()), words
    with terminal("exec", address, "--raw", "x") as screen:
        assert b"\x1b[2J" in screen.read(), "unless it is trusted"


def test_ctrl_c_leaves_the_channel_clean(agent: str) -> None:
    with terminal("exec", agent, "--", "sleep", "60") as screen:
        held = wait_for_program(agent)
        screen.type(b"\x03")
        screen.read()
    assert screen.process.returncode == 130
    assert b"Traceback" not in screen.seen
    assert re.search(rb"guestwire: unix:\S+: sleep (goes on as pid \d+|may have been started)", screen.seen)
    with GuestAgent(agent) as client:
        client.guest_ping()
        client.run(["kill", str(held)])


def wait_for_program(agent: str) -> int:
    """The process id of the sleep that the agent on this machine has started."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                line = Path(f"/proc/{pid}/cmdline").read_bytes()
                parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
                if line == b"sleep\x0060\x00" and str(Path(agent[5:]).parent) in command_line(parent):
                    return int(pid)
        time.sleep(0.02)
    raise TimeoutError("the program was not started")


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")


def test_a_silent_guest_can_be_left(served: Callable[[Any], str]) -> None:
    class Silent:
        asked = threading.Event()

        def receive(self, data: bytes) -> list[bytes]:
            self.asked.set()
            return []

    silent = Silent()
    with terminal("call", served(silent), "guest-ping", "--timeout", "60") as screen:
        assert silent.asked.wait(PATIENCE)
        screen.process.send_signal(signal.SIGTERM)
        screen.read()
    assert screen.process.returncode == 143

"""Ctrl-C on a channel such as QEMU's, which keeps what the guest says for whoever connects next."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

PATIENCE = 30.0
LATE = 0.05  # seconds that the guest takes for its answer after we were interrupted


class Port:
    """A guest behind a port: one connection at a time, and answers outlive it."""

    def __init__(self, path: Path) -> None:
        self.asked = threading.Event()
        self.interrupted = threading.Event()
        self.left = threading.Event()
        self.unread = b""
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            rest = b""
            while data := connection.recv(65536):
                rest += data
                *lines, rest = rest.split(b"\n")
                for line in lines:
                    self._answer(json.loads(line.lstrip(b"\xff")), connection)
        self.left.set()

    def _answer(self, request: dict[str, object], connection: socket.socket) -> None:
        name = request["execute"]
        if name == "guest-sync-delimited":
            reply = b'\xff{"return": %d}\n' % request["arguments"]["id"]  # type: ignore[index]
        elif name == "guest-get-time":
            self.asked.set()
            self.interrupted.wait(PATIENCE)
            threading.Event().wait(LATE)
            reply = b'{"return": 1}\n'
        else:
            reply = b'{"return": {}}\n'
        try:
            connection.sendall(reply)
        except OSError:
            self.unread += reply

    def close(self) -> None:
        self._listener.close()
        self._thread.join(PATIENCE)


@pytest.fixture
def port(tmp_path: Path) -> Iterator[Port]:
    made = Port(tmp_path / "s")
    yield made
    made.close()


def test_the_late_answer_is_taken_off(port: Port, tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "guestwire.cli", "call", str(tmp_path / "s"), "guest-get-time"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert port.asked.wait(PATIENCE)
        process.send_signal(signal.SIGINT)
        port.interrupted.set()
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err.strip()) == (130, b"", b"")  # click ends the line that ^C stands on
    assert port.left.wait(PATIENCE)
    assert port.unread == b"", "the next client finds nothing of ours"

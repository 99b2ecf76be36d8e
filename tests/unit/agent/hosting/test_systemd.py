from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from guestwire.agent.hosting.systemd import Notifier


@pytest.mark.parametrize("abstract", [False, True])
def test_what_systemd_hears(tmp_path: Path, abstract: bool) -> None:
    name = f"guestwire-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + name if abstract else name)
        manager.setblocking(False)
        environ = {"NOTIFY_SOCKET": "@" + name if abstract else name, "HOME": "/"}
        notifier = Notifier(environ)
        assert environ == {"HOME": "/"}
        notifier.ready("serving")
        notifier.status("frozen")
        notifier.stopping()
        heard = [manager.recv(1000).decode() for _ in range(3)]
    assert heard == [f"READY=1\nSTATUS=serving\nMAINPID={os.getpid()}", "STATUS=frozen", "STOPPING=1"]


@pytest.mark.parametrize("address", ["", "relative", "/nonexistent/notify", "vsock:2:1"])
def test_silence_where_nobody_listens(address: str) -> None:
    Notifier({"NOTIFY_SOCKET": address}).ready("x")


def test_the_environment_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/x")
    assert Notifier().address == "/x"
    assert "NOTIFY_SOCKET" not in os.environ

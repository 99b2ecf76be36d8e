"""The walk to a guest's agent: each link that can break, and what is said of it."""

from __future__ import annotations

import errno
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guestwire.cli import diagnosis, guests, holders
from guestwire.cli.diagnosis import BROKEN, OK, WARNING, Finding
from guestwire.discovery import Found, Located
from guestwire.errors import CommandError
from guestwire.testing import CLOSE, FakeGuest, Script

Run = Callable[..., Any]


def walk(word: str) -> dict[str, Finding]:
    return {finding.link: finding for finding in diagnosis.walk(word, 0.2)}


def last(word: str) -> Finding:
    return list(diagnosis.walk(word, 0.2))[-1]


@pytest.fixture
def listening(tmp_path: Path) -> Any:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(tmp_path / "s"))
        sock.listen()
        yield str(tmp_path / "s")


def test_a_sound_way(agent: str) -> None:
    found = walk(agent)
    assert [(link, each.state) for link, each in found.items() if link != "policy"] == [
        ("socket", OK),
        ("listener", OK),
        ("answer", OK),
        ("filesystems", OK),
        ("agent", OK),
        ("clock", OK),
    ]
    assert "guest-shutdown" in found["policy"].text
    assert "block-rpcs" in found["policy"].cure


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guests, "discovered", Found)
    assert last("web1").state == BROKEN
    assert "guestwire ls" in last("web1").cure
    assert last("tcp:x").state == BROKEN


def test_guests_that_discovery_knows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    located = [
        Located("off", "libvirt", f"unix:{tmp_path}/s", state="off"),
        Located("bare", "qemu", reason="its command line has no agent channel"),
    ]
    monkeypatch.setattr(guests, "discovered", lambda: Found(located))
    found = walk("off")
    assert (found["guest"].state, found["machine"].state, found["socket"].state) == (OK, WARNING, BROKEN)
    assert last("bare").text == "its command line has no agent channel"
    assert "virtserialport" in last("bare").cure


def test_sockets_that_are_none(tmp_path: Path) -> None:
    assert last(f"{tmp_path}/s").text == f"{tmp_path}/s does not exist"
    (tmp_path / "file").touch()
    assert last(f"{tmp_path}/file").text.endswith("is no socket")
    assert last(f"{tmp_path}/file/s").state == BROKEN


def test_a_socket_that_we_may_not_use(listening: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis.os, "access", lambda *args: False)
    assert last(listening).link == "permission"
    assert "run as root or as " in last(listening).cure


def test_a_socket_that_was_left_behind(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(tmp_path / "s"))
    assert last(f"{tmp_path}/s").text == f"nobody listens on {tmp_path}/s"
    found = last(f"unix:{tmp_path}/s")
    assert (found.link, found.state) == ("listener", BROKEN)


def test_an_agent_that_is_silent(listening: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "_busy", lambda path: Finding("holder", BROKEN, path))
    assert last(listening).link == "holder", "nobody accepts: so it looks when another client is served"


def test_who_holds_the_channel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "s")
    me = f"(pid {os.getpid()})"
    monkeypatch.setattr(diagnosis.os, "getpid", lambda: 0)
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
        listener.bind(path)
        listener.listen()
        first.connect(path)
        served, _ = listener.accept()
        with served:
            assert me in last(path).text
            assert "guestwire broker" in last(path).cure
            monkeypatch.setattr(holders, "process_name", lambda pid: f"libvirtd (pid {pid})")
            assert "libvirt:qemu:///system" in last(path).cure
        monkeypatch.setattr(holders, "clients", lambda path: [])
        assert "outside our view" in last(path).text


def test_a_full_queue_and_other_trouble(listening: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing(socket.socket):
        trouble: OSError = BlockingIOError()

        def connect(self, address: Any) -> None:
            raise self.trouble

    monkeypatch.setattr(diagnosis.socket, "socket", Refusing)
    assert last(listening).link == "holder"
    Refusing.trouble = OSError(errno.EACCES, "Permission denied")
    assert last(listening).text.endswith("Permission denied")


def from_stand_in(
    stand_in: Run, monkeypatch: pytest.MonkeyPatch, peer: Any, **options: Any
) -> dict[str, Finding]:
    stand_in("web1", peer, **options)
    monkeypatch.setattr(diagnosis, "_socket", lambda path: [Finding("socket", OK, path)])
    return walk("web1")


def test_a_frozen_guest_with_a_wrong_clock(stand_in: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    late = int((time.time() - 3600) * 1e9)
    guest = FakeGuest({"guest-fsfreeze-status": "frozen", "guest-get-time": late})
    found = from_stand_in(stand_in, monkeypatch, guest)
    assert found["filesystems"].state == WARNING
    assert "guestwire thaw" in found["filesystems"].cure
    assert found["clock"].text.startswith("1h 0m behind ours")
    assert "guestwire time web1 --set" in found["clock"].cure


def test_a_frozen_guest_blocks_nothing_by_policy(stand_in: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    info = {"version": "1", "supported_commands": [{"name": "guest-exec", "enabled": False}]}
    guest = FakeGuest({"guest-fsfreeze-status": "frozen", "guest-info": info})
    found = from_stand_in(stand_in, monkeypatch, guest)
    assert found["agent"].state == OK
    assert "policy" not in found


def test_an_agent_that_refuses_and_lies(stand_in: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    guest = FakeGuest({"guest-ping": CommandError("no"), "guest-info": [1], "guest-get-time": "late"})
    found = from_stand_in(stand_in, monkeypatch, guest)
    assert found["answer"].state == WARNING
    assert found["agent"].state == WARNING
    assert "clock" not in found


def test_what_is_no_agent(stand_in: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    found = from_stand_in(stand_in, monkeypatch, Script(b"HTTP/1.0 400\r\n", sync=True))
    assert found["answer"].state == BROKEN


def test_a_silent_agent_and_one_that_leaves(stand_in: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    found = from_stand_in(stand_in, monkeypatch, Script(sync=False))
    assert found["answer"].state == BROKEN
    assert "install and start the agent" in found["answer"].cure
    stand_in("web2", Script(b'{"return": {}}\n', b'{"return": {}}\n', [CLOSE]))
    assert last("web2").state == BROKEN
    stand_in("web3", FakeGuest(), trouble=ConnectionRefusedError())
    assert last("web3").text == "nothing listens on the socket"


def test_other_addresses(stand_in: Run) -> None:
    found = walk("tcp:127.0.0.1:1")
    assert found["address"].text == "tcp:127.0.0.1:1"
    assert found["answer"].state == BROKEN

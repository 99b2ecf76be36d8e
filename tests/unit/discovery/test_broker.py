"""A broker's sockets, with and without its status file, alive and dead."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from guestwire.discovery import broker
from guestwire.discovery.located import Fault, Located
from guestwire.discovery.place import Place

STATUS = {
    "web1": {
        "address": "unix:/up",
        "state": "silent",
        "reason": "no\x1banswer",
        "since": 12.5,
        "socket": "x",
    },
    "gone": {"address": "unix:/gone"},
    "db1": 7,
}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A run folder with the sockets of two guests."""
    with contextlib.ExitStack() as stack:
        (tmp_path / "guests").mkdir()
        for name in ("web1", "db1"):
            server = stack.enter_context(socket.socket(socket.AF_UNIX))
            server.bind(str(tmp_path / f"guests/{name}.sock"))
            server.listen(1)
        yield tmp_path


def look(folder: Path) -> tuple[list[Located], list[Fault]]:
    return broker.find(Place(run_dirs=(folder,)))


def test_sockets_are_enough(folder: Path) -> None:
    guests, faults = look(folder)
    assert faults == []
    assert guests == [
        Located(name, "broker", f"unix:{folder}/guests/{name}.sock", aliases=(name,))
        for name in ("db1", "web1")
    ]


def test_the_status_says_more(folder: Path) -> None:
    (folder / "status.json").write_text(json.dumps({"guests": STATUS}))
    guests, faults = look(folder)
    assert faults == []
    assert guests[0] == Located("db1", "broker", f"unix:{folder}/guests/db1.sock", aliases=("db1",))
    web = guests[1]
    assert (web.agent, web.reason, web.since, web.upstream) == ("silent", "no\\x1banswer", 12.5, "unix:/up")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"guests"', "[" * 100_000, '"x"', "7"])
def test_a_broken_status_costs_the_status_alone(folder: Path, text: str) -> None:
    (folder / "status.json").write_text(text)
    guests, faults = look(folder)
    assert [guest.name for guest in guests] == ["db1", "web1"]
    assert [fault.text for fault in faults] == ["this is not a broker's status"]


@pytest.mark.parametrize("text", ['{"guests": []}', '{"guests": {"web1": {"since": "x", "state": {}}}}'])
def test_wrong_types_are_passed_over(folder: Path, text: str) -> None:
    (folder / "status.json").write_text(text)
    guests, faults = look(folder)
    assert faults == []
    assert [(guest.agent, guest.since) for guest in guests] == [("", None)] * 2


def test_no_broker(tmp_path: Path) -> None:
    assert look(tmp_path) == ([], [])
    assert look(tmp_path / "none") == ([], [])


def test_a_broker_that_was_killed_left_its_sockets(tmp_path: Path) -> None:
    (tmp_path / "guests").mkdir()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "guests/web1.sock"))
    guests, (fault,) = look(tmp_path)
    assert guests == []
    assert fault.text == "sockets of a broker that no longer runs; start it again or remove them"


def test_a_busy_broker_is_alive(folder: Path) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(3):  # its backlog is full now
            client = stack.enter_context(socket.socket(socket.AF_UNIX))
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                client.connect(str(folder / "guests/db1.sock"))
        guests, faults = look(folder)
    assert (len(guests), faults) == (2, [])


def test_a_broker_that_does_not_let_us_in_is_alive(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing(socket.socket):
        def connect(self, address: object) -> None:
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(broker.socket, "socket", Refusing)
    assert len(look(folder)[0]) == 2


def test_a_folder_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    os.symlink("guests", tmp_path / "guests")
    _, (fault,) = look(tmp_path)
    assert fault.where == str(tmp_path)
    assert "symbolic links" in fault.text

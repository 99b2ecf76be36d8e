"""Lies about files: in every answer that a copy asks for. It fails or it is done; nothing else on this host changes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from guestwire.cli import guests
from guestwire.cli.guests import Guest
from guestwire.cli.main import main
from guestwire.client import GuestAgent, transports, types
from guestwire.errors import GuestwireError
from guestwire.testing import FakeClock, FakeGuest, MemoryChannel
from tests.hostile.shapes import sample, spoilt
from tests.hostile.test_verbs import HARMFUL

LISTING = "NDFlZCAwIDAgLi8vCjgxYTQgNCAwIC4vZmlsZS8vCg=="  # the folder itself and a file
LIES: dict[str, Any] = {
    "guest-exec": types.GuestExec,
    "guest-exec-status": types.GuestExecStatus,
    "guest-file-open": int,
    "guest-file-seek": types.GuestFileSeek,
    "guest-file-read": types.GuestFileRead,
    "guest-file-write": types.GuestFileWrite,
    "guest-file-flush": None,
    "guest-file-close": None,
}
MOST = 5000  # bytes that a copy may have; some of the lies never end
COPIES: dict[str, Callable[[GuestAgent, Path], object]] = {
    "copy_from": lambda agent, folder: agent.copy_from("/file", folder / "copy", checksum=True, limit=MOST),
    "copy_from, resumed": lambda agent, folder: agent.copy_from(
        "/file", folder / "part", resume=True, limit=MOST
    ),
    "copy_to": lambda agent, folder: agent.copy_to(folder.parent / "mine", "/file", checksum=True),
    "copy_to, resumed": lambda agent, folder: agent.copy_to(folder.parent / "mine", "/file", resume=True),
    "copy_tree_from": lambda agent, folder: agent.copy_tree_from("/srv", folder / "tree"),
    "copy_tree_to": lambda agent, folder: agent.copy_tree_to(folder.parent, "/srv"),
    "read_file": lambda agent, folder: agent.read_file("/file", limit=MOST),
    "write_file": lambda agent, folder: agent.write_file("/file", b"data"),
    "run": lambda agent, folder: agent.run(["true"], timeout=5),
}


def honest() -> dict[str, Any]:
    return {
        "guest-exec": {"pid": 1},
        "guest-exec-status": {"exited": True, "exitcode": 0, "out-data": LISTING},
    }


def lies() -> Iterator[tuple[str, Any]]:
    for name, kind in LIES.items():
        for value in spoilt({} if kind is None else sample(kind)):
            yield name, value
    counts = (-1, 2**31, 2**40, 2**63 - 1)
    for count in counts:
        yield "guest-file-read", {"count": count, "buf-b64": "AAAA", "eof": False}
        yield "guest-file-write", {"count": count, "eof": False}
        yield "guest-file-seek", {"position": count, "eof": True}
    yield "guest-file-read", {"count": 4, "buf-b64": "A" * (8 << 20), "eof": False}
    yield "guest-file-read", {"count": 0, "buf-b64": "", "eof": False}
    yield "guest-exec-status", {"exited": False}


@pytest.fixture(autouse=True)
def bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of folders and of this host's disk, so small that the end comes soon."""
    monkeypatch.setattr("guestwire.client.recipes.trees.GROWTH", MOST)
    monkeypatch.setattr("guestwire.cli.copying._room", lambda path: MOST)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where copies may go; all around it must stay as it is."""
    (tmp_path / "mine").write_bytes(b"mine")
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    (chosen / "part.part").write_bytes(b"ab")
    yield chosen
    assert (tmp_path / "mine").read_bytes() == b"mine"
    assert sorted(os.listdir(tmp_path)) == ["chosen", "mine"]


@pytest.mark.parametrize("way", COPIES)
def test_a_copy(way: str, folder: Path) -> None:
    failed = 0
    for name, value in lies():
        clock = FakeClock()
        guest = FakeGuest({**honest(), name: value}, files={"/file": b"data" * 1000, "/srv/file": b"data"})
        agent = GuestAgent(MemoryChannel(guest, clock), clock=clock, sleep=clock.sleep)
        try:
            COPIES[way](agent, folder)
        except (GuestwireError, OSError):
            failed += 1
        assert clock.now < 2000, (name, value)
    assert failed


@pytest.mark.parametrize(
    "words", [["cp", "web1:/file", "{}/copy"], ["cp", "-r", "web1:/srv", "{}/tree"], ["cat", "web1:/file"]]
)
def test_a_verb(
    words: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(guests, "find", lambda words: [Guest("web1", "unix:/nowhere")])
    monkeypatch.setattr("guestwire.cli.raw.is_terminal", lambda stream: True)
    for name, value in list(lies())[::5]:
        if value == {"exited": False}:
            continue  # waits for as long as a program may take
        if (
            words[0] == "cat"
            and name == "guest-file-read"
            and not (isinstance(value, dict) and value.get("eof"))
        ):
            continue  # a file without end is printed without end
        guest = FakeGuest({**honest(), name: value}, files={"/file": b"\x1b[2Jdata", "/srv/file": b"data"})
        monkeypatch.setattr(
            transports, "blocking", lambda address, resolver=None, guest=guest: MemoryChannel(guest)
        )
        status = main([word.format(folder) for word in words])
        said = capfd.readouterr()
        assert status in (0, 1), (name, value)
        assert not HARMFUL.search(said.out + said.err), (name, value)
        assert "Traceback" not in said.err

"""Guests for the command line that need no socket, and a way to run a command line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from guestwire.cli import guests
from guestwire.cli.main import main
from guestwire.client import transports
from guestwire.client.address import UnixAddress
from guestwire.discovery import Found, Located
from guestwire.testing import MemoryChannel
from guestwire.testing.channel import Peer
from tests.contract.agents import running

StandIn = Callable[..., Any]


class Result(NamedTuple):
    """What a command line did."""

    status: int
    out: str
    err: str


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """`stand_in(NAME, PEER, trouble=OSError)` makes a guest that discovery finds; it returns PEER."""
    channels: dict[str, Callable[[], MemoryChannel]] = {}
    located: list[Located] = []
    real = transports.blocking

    def blocking(address: Any, resolver: Any = None) -> Any:
        return channels[str(address)]() if str(address) in channels else real(address, resolver)

    def add(name: str, peer: Peer, *, trouble: OSError | None = None, uuid: str | None = None) -> Peer:
        address = UnixAddress(f"/stand-in/{name}")
        channels[str(address)] = lambda: MemoryChannel(peer, trouble=trouble)
        located.append(Located(name, "list", str(address), uuid=uuid))
        return peer

    monkeypatch.setattr(transports, "blocking", blocking)
    monkeypatch.setattr(guests, "discovered", lambda sources=None: Found(located))
    return add


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """`run("info", "web1")` runs a command line in this process."""

    def run(*words: str) -> Result:
        capsys.readouterr()
        status = main(words)
        captured = capsys.readouterr()
        return Result(status, captured.out, captured.err)

    return run


@pytest.fixture(scope="session", params=[True, False], ids=["ours", "qemu-ga"])
def agent(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real agent on this machine, ours and QEMU's, with dangerous commands blocked."""
    with running(request.param, tmp_path_factory.mktemp("agent")) as started:
        yield f"unix:{started.path}"


@pytest.fixture
def guestwire() -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run a command line as a process of its own."""

    def guestwire(*words: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
        options = {"stdin": None if "input" in options else subprocess.DEVNULL, **options}
        if options["stdin"] is None:
            del options["stdin"]
        argv = [sys.executable, "-m", "guestwire.cli", *words]
        return subprocess.run(argv, capture_output=True, timeout=60, check=False, **options)

    return guestwire

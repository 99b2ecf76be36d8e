"""Guests for the command line that need no socket, and a way to run a command line."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from guestwire.cli import guests
from guestwire.cli.main import main
from guestwire.client import transports
from guestwire.client.address import UnixAddress
from guestwire.testing import MemoryChannel
from guestwire.testing.channel import Peer

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
    located: list[SimpleNamespace] = []
    real = transports.blocking

    def blocking(address: Any, resolver: Any = None) -> Any:
        return channels[str(address)]() if str(address) in channels else real(address, resolver)

    def add(name: str, peer: Peer, *, trouble: OSError | None = None, uuid: str | None = None) -> Peer:
        address = UnixAddress(f"/stand-in/{name}")
        channels[str(address)] = lambda: MemoryChannel(peer, trouble=trouble)
        located.append(SimpleNamespace(name=name, address=address, uuid=uuid, reason=""))
        return peer

    monkeypatch.setattr(transports, "blocking", blocking)
    monkeypatch.setattr(guests, "discovered", lambda: located)
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

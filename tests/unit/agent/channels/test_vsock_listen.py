from __future__ import annotations

import _socket
import errno
import socket

import pytest

from guestwire.agent.channels.vsock_listen import VsockListen, parse_address
from guestwire.errors import StartError


@pytest.mark.parametrize(
    ("text", "address"),
    [("3:1234", (3, 1234)), ("4294967295:1", (2**32 - 1, 1)), ("-1:2", (2**32 - 1, 2)), ("2:0", (2, 0))],
)
def test_addresses(text: str, address: tuple[int, int]) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text", ["", "3", "3:", ":3", "a:b", "1:2:3", "4294967296:1", "1:-2", "1: 2", "٣:1", "9" * 5000]
)
def test_bad_addresses(text: str) -> None:
    with pytest.raises(StartError, match="vsock-listen wants CID:PORT, not '"):
        parse_address(text)


class Vsock:
    """Stands in for a vsock socket: most machines that run tests have none."""

    fault = 0
    calls: list[object]

    def __init__(self, family: int, kind: int) -> None:
        type(self).calls = [family]

    def bind(self, address: tuple[int, int]) -> None:
        self.calls.append(address)
        if self.fault:
            raise OSError(self.fault, "")

    def listen(self, backlog: int) -> None:
        self.calls.append(backlog)

    def close(self) -> None:
        self.calls.append("closed")


def test_listening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_socket, "socket", Vsock)
    channel = VsockListen("3:5")
    channel.open()
    channel.close()
    assert Vsock.calls == [socket.AF_VSOCK, (3, 5), 1, "closed"]


def test_an_address_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_socket, "socket", Vsock)
    monkeypatch.setattr(Vsock, "fault", errno.EADDRINUSE)
    with pytest.raises(StartError, match="cannot listen on vsock 3:5: Address already in use"):
        VsockListen("3:5").open()
    assert Vsock.calls[-1] == "closed"


def test_a_system_without_vsock(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(family: int, kind: int) -> None:
        raise OSError(errno.EAFNOSUPPORT, "")

    monkeypatch.setattr(_socket, "socket", refuse)
    with pytest.raises(StartError, match="Address family not supported"):
        VsockListen("3:5").open()
    monkeypatch.delattr(_socket, "AF_VSOCK")
    with pytest.raises(StartError, match="no AF_VSOCK"):
        VsockListen("3:5").open()

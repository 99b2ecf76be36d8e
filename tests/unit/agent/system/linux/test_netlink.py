from __future__ import annotations

import errno
import socket
import struct
from typing import Any, ClassVar

import pytest

from guestwire.agent.system.linux import netlink
from tests.unit.agent.trees import fixture


def captured(name: str) -> bytes:
    return bytes.fromhex(fixture(f"netlink/{name}.hex").decode())


def message(kind: int, body: bytes, flags: int = 2) -> bytes:
    return struct.pack("=IHHII", 16 + len(body), kind, flags, 1, 0) + body + b"\0" * (-len(body) % 4)


def attribute(kind: int, payload: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(payload), kind) + payload + b"\0" * (-len(payload) % 4)


def link(index: int, *attributes: bytes) -> bytes:
    return message(16, struct.pack("=BxHiII", 0, 1, index, 0, 0) + b"".join(attributes))


def address(family: int, prefix: int, index: int, *attributes: bytes) -> bytes:
    return message(20, struct.pack("=BBBBi", family, prefix, 0, 0, index) + b"".join(attributes))


DONE = message(3, struct.pack("=i", 0))


def test_captured_links() -> None:
    links = netlink.links(captured("links"))
    assert [(index, name) for index, name, _ in links] == [(1, "lo"), (2, "ifb0"), (3, "ifb1"), (4, "eth0")]
    assert links[0][2] == bytes(6)
    assert links[3][2] == bytes.fromhex("02fc00000001")


def test_captured_addresses() -> None:
    assert netlink.addresses(captured("addresses")) == [
        (1, "lo", "ipv4", "127.0.0.1", 8),
        (4, "eth0", "ipv4", "192.0.2.2", 24),
        (1, "", "ipv6", "::1", 128),
        (4, "", "ipv6", "fd00::2", 64),
        (4, "", "ipv6", "fe80::fc:ff:fe00:1", 64),
    ]


def test_link_without_hardware_address_and_with_odd_name() -> None:
    assert netlink.links(link(7, attribute(3, b"t\xfcn0\0"))) == [(7, "t\udcfcn0", b"")]


def test_own_address_of_point_to_point_link() -> None:
    peer, own = attribute(1, bytes([10, 0, 0, 2])), attribute(2, bytes([10, 0, 0, 1]))
    table = address(socket.AF_INET, 32, 5, peer, own, attribute(3, b"ppp0:1\0"))
    assert netlink.addresses(table) == [(5, "ppp0:1", "ipv4", "10.0.0.1", 32)]


def test_other_families_and_odd_messages_are_passed_over() -> None:
    table = (
        address(28, 32, 5, attribute(1, b"abcd")) + address(socket.AF_INET, 8, 5) + message(20, b"") + DONE
    )
    assert netlink.addresses(table) == []
    assert netlink.links(message(16, b"") + table) == []


@pytest.mark.parametrize("junk", [b"\1\2\3", bytes(16), struct.pack("=IHHII", 99, 16, 0, 0, 0)])
def test_junk_ends_the_table(junk: bytes) -> None:
    assert netlink.links(link(1, attribute(3, b"a")) + junk) == [(1, "a", b"")]


@pytest.mark.parametrize("junk", [bytes(4), struct.pack("=HH", 99, 3)])
def test_junk_attribute(junk: bytes) -> None:
    assert netlink.links(link(1, attribute(3, b"a"), junk)) == [(1, "a", b"")]


class Line:
    """A netlink socket that answers from a script; each entry is what one receive gives."""

    script: ClassVar[list[bytes | OSError]] = []

    def __init__(self, *_: Any) -> None:
        self.requests = 0

    def send(self, data: bytes) -> None:
        self.requests += 1

    def setsockopt(self, *_: Any) -> None:
        pass

    def bind(self, _: Any) -> None:
        pass

    def close(self) -> None:
        pass

    def recv(self, *_: Any) -> bytes:
        entry = self.script.pop(0)
        if isinstance(entry, OSError):
            raise entry
        return entry


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> list[bytes | OSError]:
    entries: list[bytes | OSError] = []
    monkeypatch.setattr(Line, "script", entries)
    monkeypatch.setattr(netlink, "socket", Line)
    return entries


def test_dump_in_parts(script: list[bytes | OSError]) -> None:
    script += [link(1), link(2), DONE]
    assert netlink.dump(netlink.GETLINK) == link(1) + link(2)


def test_dump_that_was_disturbed_is_repeated(script: list[bytes | OSError]) -> None:
    script += [message(16, b"", flags=0x12), DONE, link(2), DONE]
    assert netlink.dump(netlink.GETLINK) == link(2)
    script += [message(16, b"", flags=0x12), DONE] * 5
    assert netlink.dump(netlink.GETLINK) == message(16, b"", flags=0x12)


def test_dump_refused(script: list[bytes | OSError]) -> None:
    script += [message(2, struct.pack("=i", -errno.EPERM))]
    with pytest.raises(PermissionError):
        netlink.dump(netlink.GETADDR)


def test_watch(script: list[bytes | OSError]) -> None:
    nothing = BlockingIOError(errno.EAGAIN, "")
    watch = netlink.Watch()
    script += [nothing, b"x", b"x", nothing, OSError(errno.ENOBUFS, ""), nothing, nothing]
    assert [watch.changed() for _ in range(4)] == [False, True, True, False]


def test_this_kernel() -> None:
    names = {name for _, name, _ in netlink.links(netlink.dump(netlink.GETLINK))}
    assert names == {name for _, name in socket.if_nameindex()}
    netlink.addresses(netlink.dump(netlink.GETADDR))
    watch = netlink.Watch()
    watch.changed()
    watch.close()

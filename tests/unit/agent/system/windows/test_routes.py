from __future__ import annotations

import ctypes
import socket
import struct
from typing import Any

import pytest

from guestwire.agent.commands.windows import network as commands
from guestwire.agent.system.windows import routes
from guestwire.agent.system.windows.adapters import Adapter
from guestwire.agent.system.windows.routes import (
    MIB_IPFORWARD_ROW2,
    MIB_IPFORWARD_TABLE2,
    mask_of,
    parse_table,
)

V4 = struct.pack("<HH", 2, 0) + socket.inet_aton("192.0.2.0") + bytes(20)
HOP = struct.pack("<HH", 2, 0) + socket.inet_aton("192.0.2.1") + bytes(20)
V6 = struct.pack("<HHI", 23, 0, 0) + socket.inet_pton(socket.AF_INET6, "fd00::") + bytes(4)


def row(prefix: bytes, hop: bytes, bits: int, index: int) -> MIB_IPFORWARD_ROW2:
    made = MIB_IPFORWARD_ROW2(InterfaceIndex=index, PrefixLength=bits, Metric=25)
    made.Prefix[:] = prefix
    made.NextHop[:] = hop
    return made


class Table(ctypes.Structure):
    _fields_ = (("NumEntries", ctypes.c_uint32), ("Table", MIB_IPFORWARD_ROW2 * 3))


def table() -> Table:
    made = Table(NumEntries=3)
    made.Table[:] = [row(V4, HOP, 24, 4), row(bytes(28), bytes(28), 0, 4), row(V6, V6, 64, 9)]
    return made


def test_layout() -> None:
    """<netioapi.h>, 64 bits."""
    assert ctypes.sizeof(MIB_IPFORWARD_ROW2) == 104
    assert MIB_IPFORWARD_TABLE2.Table.offset == 8
    assert (MIB_IPFORWARD_ROW2.NextHop.offset, MIB_IPFORWARD_ROW2.Metric.offset) == (44, 84)


def test_a_table_of_both_versions() -> None:
    made = table()
    first, second = parse_table(ctypes.addressof(made))
    assert (first.version, first.destination, first.bits, first.next_hop) == (4, "192.0.2.0", 24, "192.0.2.1")
    assert (first.interface, first.metric) == (4, 25)
    assert (second.version, second.destination, second.bits, second.interface) == (6, "fd00::", 64, 9)


@pytest.mark.parametrize(
    ("bits", "mask"), [(0, "0.0.0.0"), (8, "255.0.0.0"), (24, "255.255.255.0"), (32, "255.255.255.255")]
)
def test_masks(bits: int, mask: str) -> None:
    assert mask_of(bits) == mask


def test_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    made = table()
    found = list(parse_table(ctypes.addressof(made)))
    monkeypatch.setattr(commands, "routes", lambda: found)
    monkeypatch.setattr(commands, "adapters", lambda: [Adapter(4, "Ethernet", "", [])])
    assert commands.guest_network_get_route() == [
        {
            "iface": "Ethernet",
            "destination": "192.0.2.0",
            "metric": 25,
            "version": 4,
            "mask": "255.255.255.0",
            "gateway": "192.0.2.1",
        },
        {
            "iface": "9",
            "destination": "fd00::",
            "metric": 25,
            "version": 6,
            "desprefixlen": "64",
            "nexthop": "fd00::",
        },
    ]


@pytest.mark.parametrize(("status", "count"), [(0, 2), (1168, 0)])
def test_the_call(monkeypatch: pytest.MonkeyPatch, status: int, count: int) -> None:
    made = table()
    freed = []

    def function(_library: str, export: str, *_: Any) -> Any:
        def get(_family: int, where: int) -> int:
            ctypes.c_void_p.from_address(where).value = 0 if status else ctypes.addressof(made)
            return status

        return get if export == "GetIpForwardTable2" else freed.append

    monkeypatch.setattr(routes, "function", function)
    assert len(routes.routes()) == count
    assert len(freed) == (status == 0)

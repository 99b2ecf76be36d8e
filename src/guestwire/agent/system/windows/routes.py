"""The routing tables: GetIpForwardTable2, which gives the routes of both versions of IP in one table."""

from __future__ import annotations

import _socket
import ctypes

from guestwire.agent.system.windows.adapters import parse_sockaddr
from guestwire.agent.system.windows.win32 import DWORD, error_of, function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_UNSPECIFIED = 0
_ERROR_NOT_FOUND = 1168
_SOCKADDR = ctypes.c_uint8 * 28  # SOCKADDR_INET


class MIB_IPFORWARD_ROW2(ctypes.Structure):
    """<netioapi.h>."""

    _fields_ = (
        ("InterfaceLuid", ctypes.c_uint64),
        ("InterfaceIndex", DWORD),
        ("Prefix", _SOCKADDR),
        ("PrefixLength", ctypes.c_uint8),
        ("Pad", ctypes.c_uint8 * 3),
        ("NextHop", _SOCKADDR),
        ("SitePrefixLength", ctypes.c_uint8),
        ("ValidLifetime", DWORD),
        ("PreferredLifetime", DWORD),
        ("Metric", DWORD),
        ("Protocol", DWORD),
        ("Loopback", ctypes.c_uint8),
        ("AutoconfigureAddress", ctypes.c_uint8),
        ("Publish", ctypes.c_uint8),
        ("Immortal", ctypes.c_uint8),
        ("Age", DWORD),
        ("Origin", DWORD),
    )


class MIB_IPFORWARD_TABLE2(ctypes.Structure):
    """The head of the table, and its first row."""

    _fields_ = (("NumEntries", DWORD), ("Table", MIB_IPFORWARD_ROW2 * 1))


class Route:
    """One route. `interface` is Windows' number of it, `version` 4 or 6, `bits` the length of the prefix."""

    def __init__(
        self, version: int, destination: str, bits: int, next_hop: str, row: tuple[int, int]
    ) -> None:
        self.version = version
        self.destination = destination
        self.bits = bits
        self.next_hop = next_hop
        self.interface, self.metric = row


def routes() -> list[Route]:
    """All routes, in Windows' order. OSError when it does not tell."""
    pointer = ctypes.c_void_p
    table = pointer()
    status = function("iphlpapi", "GetIpForwardTable2", DWORD, ctypes.c_uint16, pointer)(
        _UNSPECIFIED, ctypes.addressof(table)
    )
    if status == _ERROR_NOT_FOUND:
        return []
    if status or not table.value:
        raise error_of(status)
    try:
        return list(parse_table(table.value))
    finally:
        function("iphlpapi", "FreeMibTable", None, pointer)(table)


def parse_table(place: int) -> Iterator[Route]:
    """The routes of the table at the address `place`; rows of another family are passed over."""
    count = MIB_IPFORWARD_TABLE2.from_address(place).NumEntries
    rows = (MIB_IPFORWARD_ROW2 * count).from_address(place + MIB_IPFORWARD_TABLE2.Table.offset)
    for row in rows:
        destination = parse_sockaddr(bytes(row.Prefix))
        next_hop = parse_sockaddr(bytes(row.NextHop))
        if destination is not None and next_hop is not None:
            version = 4 if destination[0] == "ipv4" else 6
            about = (row.InterfaceIndex, row.Metric)
            yield Route(version, destination[1], row.PrefixLength, next_hop[1], about)


def mask_of(bits: int) -> str:
    """The IPv4 mask of a prefix length: 24 is `255.255.255.0`."""
    ones = (0xFFFFFFFF << (32 - min(bits, 32))) & 0xFFFFFFFF
    return _socket.inet_ntoa(ones.to_bytes(4, "big"))

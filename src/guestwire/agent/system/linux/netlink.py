"""rtnetlink(7): the kernel's own tables of links and addresses, and its word when they change.

Message layouts: kernel include/uapi/linux/{netlink,rtnetlink,if_link,if_addr}.h, in the machine's byte order.
"""

from __future__ import annotations

import os
from _socket import (
    AF_INET,
    AF_INET6,
    AF_NETLINK,
    MSG_DONTWAIT,
    NETLINK_ROUTE,
    SO_RCVBUF,
    SOCK_CLOEXEC,
    SOCK_RAW,
    SOL_SOCKET,
    inet_ntop,
    socket,
)
from _struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

GETLINK = 18
GETADDR = 22
# Multicast groups RTMGRP_LINK, RTMGRP_IPV4_IFADDR and RTMGRP_IPV6_IFADDR.
_GROUPS = 0x1 | 0x10 | 0x100

_NEWLINK = 16
_NEWADDR = 20
_ERROR = 2
_DONE = 3
_REQUEST_DUMP = 0x1 | 0x300
_INTERRUPTED = 0x10  # NLM_F_DUMP_INTR: the table changed while it was read

_HEADER = Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port
_LINK = Struct("=BxHiII")  # ifinfomsg: family, type, index, flags, change
_ADDRESS = Struct("=BBBBi")  # ifaddrmsg: family, prefix length, flags, scope, index
_ATTRIBUTE = Struct("=HH")  # rtattr: length, type
_INT = Struct("=i")

_IFLA_ADDRESS = 1
_IFLA_IFNAME = 3
# IFLA_EXT_MASK with RTEXT_FILTER_SKIP_STATS: leave out the bulky IPv6 counters of each link.
_SKIP_STATS = _ATTRIBUTE.pack(8, 29) + _INT.pack(8)
_BODIES = {GETLINK: _LINK.pack(0, 0, 0, 0, 0) + _SKIP_STATS, GETADDR: _ADDRESS.pack(0, 0, 0, 0, 0)}

_IFA_ADDRESS = 1
_IFA_LOCAL = 2
_IFA_LABEL = 3

_CHUNK = 64 * 1024
_TRIES = 5


def dump(kind: int) -> bytes:
    """A whole table, `GETLINK` or `GETADDR`, as a row of messages. OSError when the kernel won't tell."""
    line = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)
    body = _BODIES[kind]
    try:
        for _ in range(_TRIES):
            line.send(_HEADER.pack(_HEADER.size + len(body), kind, _REQUEST_DUMP, 1, 0) + body)
            table, whole = _receive(line)
            if whole:
                break
        return table
    finally:
        line.close()


def _receive(line: socket) -> tuple[bytes, bool]:
    """The table, and whether it held still while the kernel told it."""
    table = b""
    whole = True
    while True:
        data = line.recv(_CHUNK)
        for kind, flags, start, _ in _messages(data):
            whole = whole and not flags & _INTERRUPTED
            if kind == _ERROR:
                error = -_INT.unpack_from(data, start)[0]
                raise OSError(error, os.strerror(error))
            if kind == _DONE:
                return table, whole
        table += data


class Watch:
    """Tells whether links or addresses have changed: the kernel sends a message for each change."""

    def __init__(self) -> None:
        self._line = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)
        # What does not fit is lost, and the loss is told as an error: as good a sign of change.
        self._line.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)
        self._line.bind((0, _GROUPS))

    def changed(self) -> bool:
        """Whether there was a change since the last call."""
        seen = False
        while True:
            try:
                self._line.recv(1, MSG_DONTWAIT)
            except BlockingIOError:
                return seen
            except OSError:  # ENOBUFS
                pass
            seen = True

    def close(self) -> None:
        """Stop watching."""
        self._line.close()


def links(table: bytes) -> list[tuple[int, str, bytes]]:
    """(index, name, hardware address) of each link in the kernel's order; b"" for a link without address."""
    found = []
    for kind, _, start, end in _messages(table):
        if kind != _NEWLINK or end - start < _LINK.size:
            continue
        index = _LINK.unpack_from(table, start)[2]
        attributes = _attributes(table, start + _LINK.size, end)
        name = attributes.get(_IFLA_IFNAME, b"").rstrip(b"\0").decode("utf-8", "surrogateescape")
        found.append((index, name, attributes.get(_IFLA_ADDRESS, b"")))
    return found


def addresses(table: bytes) -> list[tuple[int, str, str, str, int]]:
    """(link's index, label, "ipv4" or "ipv6", address, prefix length) of each address in the kernel's order.

    The label is "" for an IPv6 address. Of a point-to-point link it is the own address, not the peer's.
    """
    found = []
    for kind, _, start, end in _messages(table):
        if kind != _NEWADDR or end - start < _ADDRESS.size:
            continue
        family, prefix, _, _, index = _ADDRESS.unpack_from(table, start)
        attributes = _attributes(table, start + _ADDRESS.size, end)
        packed = attributes.get(_IFA_LOCAL) or attributes.get(_IFA_ADDRESS, b"")
        label = attributes.get(_IFA_LABEL, b"").rstrip(b"\0").decode("utf-8", "surrogateescape")
        if family == AF_INET and len(packed) == 4:
            found.append((index, label, "ipv4", inet_ntop(AF_INET, packed), prefix))
        elif family == AF_INET6 and len(packed) == 16:
            found.append((index, label, "ipv6", inet_ntop(AF_INET6, packed), prefix))
    return found


def _messages(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """(type, flags, start, end) of each message's body."""
    at = 0
    while at + _HEADER.size <= len(data):
        length, kind, flags, _, _ = _HEADER.unpack_from(data, at)
        if length < _HEADER.size or at + length > len(data):
            return
        yield kind, flags, at + _HEADER.size, at + length
        at += (length + 3) & ~3


def _attributes(data: bytes, at: int, end: int) -> dict[int, bytes]:
    """Type -> payload of the attributes between two places."""
    found = {}
    while at + _ATTRIBUTE.size <= end:
        length, kind = _ATTRIBUTE.unpack_from(data, at)
        if length < _ATTRIBUTE.size or at + length > end:
            break
        found[kind] = data[at + _ATTRIBUTE.size : at + length]
        at += (length + 3) & ~3
    return found

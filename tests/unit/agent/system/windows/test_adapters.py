from __future__ import annotations

import ctypes
import socket
import struct

from guestwire.agent.system.windows.adapters import ADAPTER, UNICAST, chain, parse_sockaddr

V4 = struct.pack("<HH", 2, 0) + socket.inet_aton("192.0.2.7") + bytes(8)
V6 = struct.pack("<HHI", 23, 0, 0) + socket.inet_pton(socket.AF_INET6, "fe80::1") + bytes(4)


def test_addresses() -> None:
    assert parse_sockaddr(V4) == ("ipv4", "192.0.2.7")
    assert parse_sockaddr(V6) == ("ipv6", "fe80::1")


def test_what_is_no_address() -> None:
    assert parse_sockaddr(b"") is None
    assert parse_sockaddr(V4[:6]) is None
    assert parse_sockaddr(V6[:20]) is None
    assert parse_sockaddr(struct.pack("<H", 77) + bytes(26)) is None


def unicast(sockaddr: ctypes.Array[ctypes.c_char], prefix: int, following: int | None) -> UNICAST:
    one = UNICAST(OnLinkPrefixLength=prefix, Next=following)
    one.Address.lpSockaddr = ctypes.addressof(sockaddr)
    one.Address.iSockaddrLength = len(sockaddr) - 1
    return one


def test_a_chain_of_adapters() -> None:
    v4, v6 = ctypes.create_string_buffer(V4), ctypes.create_string_buffer(V6)
    last = unicast(v6, 64, None)
    first = unicast(v4, 24, ctypes.addressof(last))
    name = ctypes.create_unicode_buffer("Ethernet ä")
    second = ADAPTER(IfIndex=0, Ipv6IfIndex=9)
    adapter = ADAPTER(
        IfIndex=4,
        Next=ctypes.addressof(second),
        FriendlyName=ctypes.addressof(name),
        FirstUnicastAddress=ctypes.addressof(first),
        PhysicalAddressLength=6,
    )
    adapter.PhysicalAddress[:6] = [0x52, 0x54, 0, 1, 2, 3]
    ethernet, other = chain(ctypes.addressof(adapter))
    assert (ethernet.index, ethernet.name, ethernet.hardware) == (4, "Ethernet ä", "52:54:00:01:02:03")
    assert ethernet.addresses == [("ipv4", "192.0.2.7", 24), ("ipv6", "fe80::1", 64)]
    assert (other.index, other.name, other.hardware, other.addresses) == (9, "", "", [])

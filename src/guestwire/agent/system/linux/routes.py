"""/proc/net/route and /proc/net/ipv6_route: the main routing table of each family."""

from __future__ import annotations

import sys
from _socket import AF_INET, AF_INET6, inet_ntop

from guestwire.agent.system.linux.kernfile import read_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def ipv4_routes(root: str) -> list[dict[str, Any]]:
    """Lines of /proc/net/route, kernel: net/ipv4/fib_trie.c. None when the kernel has no IPv4.

    Members: iface, destination, gateway, flags, refcnt, use, metric, mask, mtu, window, irtt.
    """
    routes = []
    for line in _lines(root + "/proc/net/route")[1:]:
        words = line.split()
        if len(words) < 11:
            continue
        iface, destination, gateway, flags, refcnt, use, metric, mask, mtu, window, irtt = words[:11]
        routes.append(
            {
                "iface": iface.decode("utf-8", "surrogateescape"),
                "destination": _ipv4(destination),
                "gateway": _ipv4(gateway),
                "flags": int(flags, 16),
                "refcnt": int(refcnt),
                "use": int(use),
                "metric": int(metric),
                "mask": _ipv4(mask),
                "mtu": int(mtu),
                "window": int(window),
                "irtt": int(irtt),
            }
        )
    return routes


def ipv6_routes(root: str) -> list[dict[str, Any]]:
    """Lines of /proc/net/ipv6_route, kernel: net/ipv6/route.c. None when the kernel has no IPv6.

    Members: destination and source with their prefix lengths, nexthop, metric, refcnt, use, flags, iface.
    """
    routes = []
    for line in _lines(root + "/proc/net/ipv6_route"):
        words = line.split()
        if len(words) < 10:
            continue
        destination, destination_bits, source, source_bits, nexthop, metric, refcnt, use, flags, iface = (
            words[:10]
        )
        routes.append(
            {
                "iface": iface.decode("utf-8", "surrogateescape"),
                "destination": _ipv6(destination),
                "destination-bits": int(destination_bits, 16),
                "source": _ipv6(source),
                "source-bits": int(source_bits, 16),
                "nexthop": _ipv6(nexthop),
                "metric": int(metric, 16),
                "refcnt": int(refcnt, 16),
                "use": int(use, 16),
                "flags": int(flags, 16),
            }
        )
    return routes


def _lines(path: str) -> list[bytes]:
    try:
        return read_table(path).split(b"\n")
    except FileNotFoundError:
        return []


def _ipv4(word: bytes) -> str:
    """The file prints the address, which is in network order, as a number of this machine."""
    return inet_ntop(AF_INET, int(word, 16).to_bytes(4, sys.byteorder))


def _ipv6(word: bytes) -> str:
    return inet_ntop(AF_INET6, bytes.fromhex(word.decode("ascii")))

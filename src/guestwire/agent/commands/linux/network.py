"""guest-network-get-interfaces and guest-network-get-route on Linux."""

from __future__ import annotations

from guestwire.agent.system.linux import interfaces
from guestwire.agent.system.linux.routes import ipv4_routes, ipv6_routes
from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guestwire.agent.state import AgentState

STATISTICS = (
    ("rx-bytes", interfaces.RX_BYTES),
    ("rx-packets", interfaces.RX_PACKETS),
    ("rx-errs", interfaces.RX_ERRORS),
    ("rx-dropped", interfaces.RX_DROPPED),
    ("tx-bytes", interfaces.TX_BYTES),
    ("tx-packets", interfaces.TX_PACKETS),
    ("tx-errs", interfaces.TX_ERRORS),
    ("tx-dropped", interfaces.TX_DROPPED),
)

# Lives as long as the process, like the kernel's table that it follows.
_interfaces = interfaces.Interfaces()


def guest_network_get_interfaces(agent: AgentState) -> list[dict[str, Any]]:
    """As getifaddrs(3) gives them. Statistics are told only for an interface that has an address."""
    try:
        found = _interfaces.current()
    except OSError as error:
        raise CommandError.from_os("getifaddrs failed", error) from None
    counters = interfaces.counters(agent.root)
    answer = []
    for name, hardware, addresses in found:
        interface: dict[str, Any] = {"name": name, "hardware-address": hardware}
        if addresses:
            interface["ip-addresses"] = [
                {"ip-address-type": kind, "ip-address": address, "prefix": prefix}
                for kind, address, prefix in addresses
            ]
            columns = counters.get(name)
            if columns is not None:
                interface["statistics"] = {member: columns[column] for member, column in STATISTICS}
        answer.append(interface)
    return answer


def guest_network_get_route(agent: AgentState) -> list[dict[str, Any]]:
    """Routes of IPv4, then of IPv6. Prefix lengths are decimal strings in the schema."""
    routes = ipv4_routes(agent.root)
    for route in routes:
        route["version"] = 4
    for route in ipv6_routes(agent.root):
        route["desprefixlen"] = str(route.pop("destination-bits"))
        route["srcprefixlen"] = str(route.pop("source-bits"))
        route["metric"] = _as_int32(route["metric"])
        route["version"] = 6
        routes.append(route)
    return routes


def _as_int32(value: int) -> int:
    """The C agent's way: the metric of the kernel's reject route, 0xffffffff, is told as -1."""
    return value - (1 << 32) if value >= 1 << 31 else value

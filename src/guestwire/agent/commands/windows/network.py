"""guest-network-get-interfaces and guest-network-get-route on Windows."""

from __future__ import annotations

from guestwire.agent.system.windows.adapters import Adapter, adapters
from guestwire.agent.system.windows.ifstats import counters
from guestwire.agent.system.windows.routes import Route, mask_of, routes
from guestwire.agent.system.windows.win32 import failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def guest_network_get_interfaces() -> list[dict[str, Any]]:
    """Each adapter under the name that the control panel shows."""
    try:
        return [_entry(adapter) for adapter in adapters()]
    except OSError as error:
        raise failure("failed to get adapters addresses", error) from None


def _entry(adapter: Adapter) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": adapter.name}
    if adapter.hardware:
        entry["hardware-address"] = adapter.hardware
    if adapter.addresses:
        entry["ip-addresses"] = [
            {"ip-address": address, "ip-address-type": family, "prefix": prefix}
            for family, address, prefix in adapter.addresses
        ]
    statistics = counters(adapter.index)
    if statistics is not None:
        entry["statistics"] = statistics
    return entry


def guest_network_get_route() -> list[dict[str, Any]]:
    """The routes of both versions of IP, each interface under the name that guest-network-get-interfaces has for it.

    `metric` is the route's own; Windows adds the interface's to it when it chooses.
    """
    try:
        names = {adapter.index: adapter.name for adapter in adapters()}
        return [_route(route, names) for route in routes()]
    except OSError as error:
        raise failure("failed to get the routes", error) from None


def _route(route: Route, names: dict[int, str]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "iface": names.get(route.interface) or str(route.interface),
        "destination": route.destination,
        "metric": route.metric,
        "version": route.version,
    }
    if route.version == 4:
        entry["mask"] = mask_of(route.bits)
        entry["gateway"] = route.next_hop
    else:
        entry["desprefixlen"] = str(route.bits)
        entry["nexthop"] = route.next_hop
    return entry

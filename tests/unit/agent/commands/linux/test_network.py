from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from guestwire.agent.commands.linux import network
from guestwire.errors import CommandError
from tests.unit.agent.trees import fixture, plant, state

if TYPE_CHECKING:
    from pathlib import Path

    from guestwire.agent.system.linux.interfaces import Interface


class Table:
    def __init__(self, content: list[Interface] | OSError) -> None:
        self.content = content

    def current(self) -> list[Interface]:
        if isinstance(self.content, OSError):
            raise self.content
        return self.content


def test_interfaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = [("ipv4", "192.0.2.2", 24)]
    none = "00:00:00:00:00:00"
    table: list[Interface] = [("lo", none, []), ("eth0", none, address), ("eth0:1", none, address)]
    monkeypatch.setattr(network, "_interfaces", Table(table))
    lines = "\n\nlo: 1 1 1 1 1 1 1 1 1 1 1 1\neth0: 1 2 3 4 0 0 0 0 9 10 11 12 0 0 0 0\n"
    plant(tmp_path, {"proc/net/dev": lines})
    told = [{"ip-address-type": "ipv4", "ip-address": "192.0.2.2", "prefix": 24}]
    assert network.guest_network_get_interfaces(state(tmp_path)) == [
        {"name": "lo", "hardware-address": none},
        {
            "name": "eth0",
            "hardware-address": none,
            "ip-addresses": told,
            "statistics": {
                "rx-bytes": 1,
                "rx-packets": 2,
                "rx-errs": 3,
                "rx-dropped": 4,
                "tx-bytes": 9,
                "tx-packets": 10,
                "tx-errs": 11,
                "tx-dropped": 12,
            },
        },
        {"name": "eth0:1", "hardware-address": none, "ip-addresses": told},
    ]


def test_netlink_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "_interfaces", Table(PermissionError(1, "no")))
    with pytest.raises(CommandError, match=r"^getifaddrs failed: Operation not permitted$"):
        network.guest_network_get_interfaces(state(tmp_path))


def test_routes(tmp_path: Path) -> None:
    for name in ("route", "ipv6_route"):
        plant(tmp_path, {f"proc/net/{name}": fixture(f"proc/6.18/net/{name}")})
    routes = network.guest_network_get_route(state(tmp_path))
    assert [route["version"] for route in routes] == [4] * 2 + [6] * (len(routes) - 2)
    assert routes[2] == {
        "iface": "eth0",
        "destination": "fd00::",
        "desprefixlen": "64",
        "source": "::",
        "srcprefixlen": "0",
        "nexthop": "::",
        "metric": 256,
        "refcnt": 1,
        "use": 0,
        "flags": 1,
        "version": 6,
    }
    assert routes[-1]["metric"] == -1
    assert max(route["flags"] for route in routes) == 0x80200001

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from guestwire.agent.system.linux.routes import ipv4_routes, ipv6_routes
from tests.unit.agent.trees import fixture, plant

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> str:
    files: dict[str, str | bytes] = {
        f"proc/net/{name}": fixture(f"proc/6.18/net/{name}") for name in ("route", "ipv6_route")
    }
    return str(plant(tmp_path, files))


def test_ipv4(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.byteorder", "little")  # of the machine that the table was captured on
    default, local = ipv4_routes(root)
    assert default == {
        "iface": "eth0",
        "destination": "0.0.0.0",
        "gateway": "192.0.2.1",
        "flags": 3,
        "refcnt": 0,
        "use": 0,
        "metric": 0,
        "mask": "0.0.0.0",
        "mtu": 0,
        "window": 0,
        "irtt": 0,
    }
    assert (local["destination"], local["mask"]) == ("192.0.2.0", "255.255.255.0")


def test_ipv6(root: str) -> None:
    routes = ipv6_routes(root)
    assert routes[0] == {
        "iface": "eth0",
        "destination": "fd00::",
        "destination-bits": 64,
        "source": "::",
        "source-bits": 0,
        "nexthop": "::",
        "metric": 256,
        "refcnt": 1,
        "use": 0,
        "flags": 1,
    }
    assert routes[-1]["metric"] == 0xFFFFFFFF


def test_no_such_family_and_odd_lines(tmp_path: Path) -> None:
    assert ipv4_routes(str(tmp_path)) == []
    assert ipv6_routes(str(tmp_path)) == []
    plant(tmp_path, {"proc/net/route": "Iface\nshort line\n", "proc/net/ipv6_route": "short line\n"})
    assert ipv4_routes(str(tmp_path)) == []
    assert ipv6_routes(str(tmp_path)) == []

"""`guestwire net`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from guestwire.testing import FakeGuest

StandIn = Callable[..., Any]
Run = Callable[..., Any]

COUNTERS = {f"{way}-{what}": 0 for way in ("rx", "tx") for what in ("bytes", "packets", "errs", "dropped")}
INTERFACES = [
    {
        "name": "eth0",
        "hardware-address": "52:54:00:12:34:56",
        "ip-addresses": [
            {"ip-address": "192.0.2.7", "ip-address-type": "ipv4", "prefix": 24},
            {"ip-address": "fe80::1", "ip-address-type": "ipv6", "prefix": 64},
        ],
        "statistics": {**COUNTERS, "rx-bytes": 1 << 20, "tx-bytes": 1000, "rx-dropped": 3, "tx-errs": 2},
    },
    {"name": "\u202eeth1"},
]
ROUTES = [
    {
        "iface": "eth0",
        "destination": "0.0.0.0",
        "mask": "0.0.0.0",
        "gateway": "192.0.2.1",
        "metric": 100,
        "version": 4,
    },
    {
        "iface": "eth0",
        "destination": "fe80::",
        "desprefixlen": "64",
        "nexthop": "::",
        "metric": 256,
        "version": 6,
    },
    {"iface": "lo", "destination": "127.0.0.1", "metric": 0, "version": 4},
]
GOLDEN = """\
interface   hardware address   addresses                 received     sent  lost
eth0        52:54:00:12:34:56  192.0.2.7/24, fe80::1/64   1.0 MiB  1.0 KiB     5
\\u202eeth1  -                  -                                -        -     -
"""
GOLDEN_ROUTES = """\
destination  gateway    interface  metric
0.0.0.0/0    192.0.2.1  eth0          100
fe80::/64    -          eth0          256
127.0.0.1    -          lo              0
"""


def test_people(stand_in: StandIn, run: Run) -> None:
    stand_in(
        "web1", FakeGuest({"guest-network-get-interfaces": INTERFACES, "guest-network-get-route": ROUTES})
    )
    assert run("net", "web1").out == GOLDEN
    assert run("net", "web1", "--routes").out == GOLDEN_ROUTES


def test_a_mask_that_is_none(stand_in: StandIn, run: Run) -> None:
    route = {**ROUTES[0], "mask": "255.0.255.0\x1b"}
    stand_in("web1", FakeGuest({"guest-network-get-route": [route]}))
    assert "0.0.0.0/255.0.255.0\\x1b" in run("net", "web1", "--routes").out


def test_programs(stand_in: StandIn, run: Run) -> None:
    stand_in(
        "web1", FakeGuest({"guest-network-get-interfaces": INTERFACES, "guest-network-get-route": ROUTES})
    )
    assert json.loads(run("net", "web1", "--json").out) == INTERFACES
    assert json.loads(run("net", "web1", "--routes", "--json").out) == ROUTES

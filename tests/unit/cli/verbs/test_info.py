"""`guestwire info`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from guestwire.testing import FakeGuest

INTERFACES = [
    {"name": "lo", "ip-addresses": [{"ip-address": "127.0.0.1", "ip-address-type": "ipv4", "prefix": 8}]},
    {
        "name": "eth0",
        "ip-addresses": [
            {"ip-address": "192.0.2.7", "ip-address-type": "ipv4", "prefix": 24},
            {"ip-address": "fe80::1", "ip-address-type": "ipv6", "prefix": 64},
        ],
    },
    {"name": "eth1"},
]
OWN = {"version": "0.1.0", "python": "3.11.7", "stuck-commands": 0, "accelerator": False}
WEB = {
    "guest-get-host-name": {"host-name": "web\x1b[1m1"},
    "guest-get-osinfo": {"pretty-name": "Debian 12", "kernel-release": "6.1", "machine": "x86_64"},
    "guest-get-timezone": {"offset": 0, "zone": "UTC"},
    "guest-network-get-interfaces": INTERFACES,
    "guest-get-vcpus": [
        {"logical-id": 0, "online": True, "can-offline": False},
        {"logical-id": 1, "online": False, "can-offline": True},
    ],
    "guest-get-users": [{"user": "ann", "login-time": 1.0}, {"user": "ann", "login-time": 2.0}],
    "guest-fsfreeze-status": "thawed",
}


def test_a_guest_with_the_stock_agent(stand_in: Callable[..., Any], run: Callable[..., Any]) -> None:
    stand_in("web1", FakeGuest(WEB, disabled=["guest-file-open"]))
    assert run("info", "web1").out == (
        "host name    web\\x1b[1m1\n"
        "system       Debian 12\n"
        "kernel       6.1 on x86_64\n"
        "timezone     UTC\n"
        "addresses    192.0.2.7\n"
        "cpus         1 of 2 online\n"
        "users        ann\n"
        "filesystems  thawed\n"
        "agent        qemu-ga 11.1.0\n"
        "commands     17, of which disabled: guest-file-open\n"
    )
    told = json.loads(run("info", "web1", "--json").out)
    assert told["host_name"] == "web\x1b[1m1"
    assert told["agent"] is None
    assert told["interfaces"][1]["ip-addresses"][0]["ip-address"] == "192.0.2.7"


def test_what_the_guest_does_not_say_is_left_out(
    stand_in: Callable[..., Any], run: Callable[..., Any]
) -> None:
    stand_in("web1", FakeGuest({"guestwire-info": OWN, "guest-get-users": "nonsense"}))
    said = run("info", "web1")
    assert said.out == "agent     guestwire-agent 0.1.0, compatible with 11.1.0\ncommands  12, all enabled\n"
    assert said.status == 0


def test_a_guest_that_is_gone(stand_in: Callable[..., Any], run: Callable[..., Any]) -> None:
    stand_in("web1", FakeGuest(), trouble=ConnectionRefusedError())
    said = run("info", "web1")
    assert said.status == 1
    assert said.err.startswith("guestwire: web1 guest-info: nothing listens on the socket (after")
    assert said.out == ""

"""`guestwire ls`: guests of every kind, their agents asked at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guestwire import discovery
from guestwire.discovery import Fault, Found, Located
from guestwire.errors import CommandError
from guestwire.testing import FakeGuest

Run = Callable[..., Any]
OS = {"pretty-name": "Debian\x1b[31m 12"}
FACES = [
    {"name": name, "ip-addresses": [{"ip-address": ip, "ip-address-type": "ipv4", "prefix": 8}]}
    for name, ip in (("lo", "127.0.0.1"), ("eth0", "192.0.2.7"))
]
WEB = {"guest-get-osinfo": OS, "guest-network-get-interfaces": FACES}
OWN = {"version": "0.1.0", "python": "3.11.7", "stuck-commands": 0, "accelerator": False}


class Mute:
    """Takes everything, says nothing for long."""

    def connected(self) -> list[Any]:
        return []

    def receive(self, data: bytes) -> list[Any]:
        return [60.0]


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, stand_in: Callable[..., Any]) -> Callable[..., Any]:
    """`host(Located..., faults=[...])` is what discovery finds; gives what it was asked for."""

    def find(*guests: Located, faults: list[Fault] | None = None) -> list[Any]:
        asked: list[Any] = []

        def looked(place: Any = None, sources: Any = None) -> Found:
            asked.append((place, sources))
            return Found(list(guests), faults or [])

        monkeypatch.setattr(discovery, "find", looked)
        return asked

    return find


def at(name: str, **more: Any) -> Located:
    return Located(name, "qemu", f"unix:/stand-in/{name}", sources=("qemu",), **more)


def test_a_table_for_people(host: Run, stand_in: Run, run: Run) -> None:
    stand_in("web1", FakeGuest(WEB))
    stand_in("own", FakeGuest({**WEB, "guestwire-info": OWN, "guest-network-get-interfaces": []}))
    stand_in("gone", FakeGuest(), trouble=FileNotFoundError(2, "no"))
    host(
        at("web1", state="running"),
        at("own"),
        at("gone"),
        Located("off1", "libvirt", reason="the guest is shut off", state="off", sources=("libvirt", "qemu")),
    )
    result = run("ls")
    assert result.status == 0
    assert [re.split(r"  +", line) for line in result.out.splitlines()] == [
        ["guest", "found by", "state", "agent", "system", "addresses"],
        ["web1", "qemu", "running", "up (qemu-ga 11.1.0)", "Debian\\x1b[31m 12", "192.0.2.7"],
        ["own", "qemu", "-", "up (guestwire-agent 0.1.0)", "Debian\\x1b[31m 12", "-"],
        [
            "gone",
            "qemu",
            "-",
            "down: no socket: the guest is not running, or has no agent channel there",
            "-",
            "-",
        ],
        ["off1", "libvirt, qemu", "off", "none: the guest is shut off", "-", "-"],
    ]


def test_what_programs_get(host: Run, stand_in: Run, run: Run) -> None:
    stand_in("web1", FakeGuest(WEB))
    host(at("web1", uuid="u", pid=7), Located("off1", "list", sources=("list",)))
    web, off = json.loads(run("ls", "--json").out)
    assert web == {
        "name": "web1", "sources": ["qemu"], "state": "unknown", "address": "unix:/stand-in/web1", "uuid": "u",
        "pid": 7, "agent": "up", "reason": None, "since": None,
        "system": "Debian\x1b[31m 12", "addresses": ["192.0.2.7"],
        "kind": "qemu-ga", "version": "11.1.0",
    }  # fmt: skip
    assert (off["agent"], off["address"]) == (None, None)
    lines = run("ls", "--jsonl").out.splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["web1", "off1"]


def test_patterns_sources_and_channel(host: Run, run: Run) -> None:
    asked = host(at("web1"), at("db1", aliases=("100",)), at("x"))
    rows = json.loads(
        run("ls", "w*", "100", "--no-probe", "--json", "--source", "qemu", "--channel", "c.0").out
    )
    assert [row["name"] for row in rows] == ["web1", "db1"]
    place, sources = asked[0]
    assert (place.channel, sources) == ("c.0", ("qemu",))


def test_what_fits_nothing(host: Run, run: Run) -> None:
    host(Located("web1", "list", "unix:/a", uuid="6a0b2bd2-0000-4000-8000-000000000001"))
    assert run("ls", "db*", "--no-probe") == (0, "no guest of this host fits db*\n", "")
    assert "web1" in run("ls", "6a0b2bd2-0000-4000-8000-000000000001", "--no-probe").out
    said = run("ls", "wev1", "--no-probe")
    assert said.status == 2
    assert "did you mean 'web1'?" in said.err


def test_nothing_is_asked_of_a_guest_that_cannot_answer(host: Run, run: Run) -> None:
    host(
        at("asleep", state="paused"),
        at("closed", state="running", agent="disconnected", reason="no agent has opened the port"),
    )
    rows = json.loads(run("ls", "--json").out)
    assert [(row["agent"], row["reason"]) for row in rows] == [
        ("silent", "the guest is paused"),
        ("silent", "no agent has opened the port"),
    ]


def test_an_agent_that_does_not_answer(host: Run, stand_in: Run, run: Run) -> None:
    stand_in("mute", Mute())
    stand_in("strict", FakeGuest({"guest-info": CommandError("not for you")}))
    host(at("mute"), at("strict"))
    rows = {row["name"]: row for row in json.loads(run("ls", "--json", "--timeout", "0.2").out)}
    assert rows["mute"]["agent"] == "silent"
    assert (rows["strict"]["agent"], rows["strict"]["reason"]) == ("up", "not for you")


def test_an_agent_that_says_little(host: Run, stand_in: Run, run: Run) -> None:
    stand_in(
        "bare", FakeGuest({"guest-get-osinfo": {"id": "debian"}, "guest-network-get-interfaces": "nonsense"})
    )
    host(at("bare"))
    (row,) = json.loads(run("ls", "--json").out)
    assert (row["agent"], row["system"], row["addresses"]) == ("up", "debian", None)


def test_a_busy_channel(host: Run, stand_in: Run, run: Run) -> None:
    stand_in("busy", FakeGuest(), trouble=TimeoutError("busy with another client"))
    host(at("busy"))
    assert json.loads(run("ls", "--json", "--timeout", "0.2").out)[0]["agent"] in ("busy", "silent")


def test_faults_are_told_and_the_others_listed(host: Run, run: Run) -> None:
    host(faults=[Fault("libvirt", "qemu:///system", "no \x1banswer")])
    result = run("ls")
    assert (result.status, result.out) == (0, "no guests on this host\n")
    assert result.err == "guestwire: libvirt: qemu:///system: no \\x1banswer\n"


def test_known_states_without_a_probe(host: Run, run: Run) -> None:
    host(at("a", agent="connected"), at("b"), Located("c", "qemu"))
    assert [row["agent"] for row in json.loads(run("ls", "--no-probe", "--json").out)] == ["up", None, None]
    assert "a      qemu      -      up     -       -" in run("ls", "--no-probe").out


def test_a_broker_knows_better_what_is_wrong(host: Run, stand_in: Run, run: Run) -> None:
    stand_in("gone", FakeGuest(), trouble=FileNotFoundError(2, "no"))
    stand_in("back", FakeGuest())
    host(
        at("gone", agent="silent", reason="no answer for an hour", since=5.0),
        at("back", agent="silent", reason="no answer for an hour"),
    )
    rows = json.loads(run("ls", "--json").out)
    assert [(row["agent"], row["reason"]) for row in rows] == [
        ("silent", "no answer for an hour"),
        ("up", None),
    ]
    assert rows[0]["since"] == 5.0


def test_a_brokers_words_are_its_state(host: Run, stand_in: Run, run: Run) -> None:
    refusal = CommandError("web1: silent: connected, but the agent is silent")
    refusal.error_class = "DeviceNotActive"
    stand_in("web1", FakeGuest({"guest-info": refusal}))
    host(at("web1"))
    [row] = json.loads(run("ls", "--json").out)
    assert (row["agent"], row["reason"]) == ("silent", "connected, but the agent is silent")
    assert run("info", "web1").err.startswith("guestwire: web1 guest-info: silent: connected")


def test_a_source_that_does_not_exist(run: Run, tmp_path: Path) -> None:
    result = run("ls", "--source", "xen")
    assert result.status == 2
    assert "there are broker, list" in result.err

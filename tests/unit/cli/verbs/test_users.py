"""`guestwire users`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from guestwire.testing import FakeGuest

StandIn = Callable[..., Any]
Run = Callable[..., Any]

USERS = [
    {"user": "ann\x07", "login-time": 1700000000.5},
    {"user": "bob", "login-time": 1e300, "domain": "OFFICE"},
]


def test_people(stand_in: StandIn, run: Run, monkeypatch: Any) -> None:
    monkeypatch.setenv("TZ", "UTC")
    stand_in("web1", FakeGuest({"guest-get-users": USERS}))
    lines = run("users", "web1").out.splitlines()
    assert lines[0].split() == ["user", "domain", "since"]
    assert lines[1].split()[:3] == ["ann\\x07", "-", "2023-11-14"] or "2023-11-1" in lines[1]
    assert lines[2].split() == ["bob", "OFFICE", "-"]


def test_nobody(stand_in: StandIn, run: Run) -> None:
    stand_in("web1", FakeGuest({"guest-get-users": []}))
    assert run("users", "web1").out == "nobody is logged in\n"
    assert json.loads(run("users", "web1", "--json").out) == []


def test_programs(stand_in: StandIn, run: Run) -> None:
    stand_in("web1", FakeGuest({"guest-get-users": USERS}))
    assert json.loads(run("users", "web1", "--json").out) == USERS

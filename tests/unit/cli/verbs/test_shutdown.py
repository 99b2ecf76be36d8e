"""`guestwire shutdown`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from guestwire.testing import FakeGuest

StandIn = Callable[..., Any]
Run = Callable[..., Any]


class Off(FakeGuest):
    """A guest that has no answer to a shutdown."""

    def receive(self, data: bytes) -> list[bytes]:
        answers = super().receive(data)
        return [] if b"guest-shutdown" in data or b"guest-suspend" in data else answers


def test_every_mode(stand_in: StandIn, run: Run) -> None:
    guest = stand_in("web1", Off({"guest-shutdown": None}))
    assert run("shutdown", "web1") == (0, "powers down\n", "")
    assert run("shutdown", "web1", "--mode", "halt").out == "halts\n"
    assert json.loads(run("shutdown", "web1", "--mode", "reboot", "--json").out) == {"mode": "reboot"}
    modes = [arguments["mode"] for name, arguments in guest.calls if name == "guest-shutdown"]
    assert modes == ["powerdown", "halt", "reboot"]


def test_a_wrong_mode(stand_in: StandIn, run: Run) -> None:
    stand_in("web1", Off())
    assert run("shutdown", "web1", "--mode", "explode").status == 2


def test_a_refusal(stand_in: StandIn, run: Run) -> None:
    stand_in("web1", FakeGuest(disabled=["guest-shutdown"]))
    done = run("shutdown", "web1")
    assert done.status == 1
    assert "has been disabled" in done.err


def test_several(stand_in: StandIn, run: Run) -> None:
    for name in ("web1", "web2"):
        stand_in(name, Off({"guest-shutdown": None}))
    assert sorted(run("shutdown", "web*").out.splitlines()) == ["web1: powers down", "web2: powers down"]

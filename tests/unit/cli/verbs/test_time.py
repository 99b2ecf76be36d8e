"""`guestwire time`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest

from guestwire.cli.verbs import time as verb
from guestwire.testing import FakeGuest

StandIn = Callable[..., Any]
Run = Callable[..., Any]
HOUR = 3600 * 10**9


def guest_ahead_by(nanoseconds: int) -> FakeGuest:
    return FakeGuest(
        {"guest-get-time": lambda arguments: time.time_ns() + nanoseconds, "guest-set-time": None}
    )


def test_a_guest_that_is_behind(stand_in: StandIn, run: Run) -> None:
    stand_in("web1", guest_ahead_by(-HOUR))
    shown = run("time", "web1").out
    assert "1h 0m behind (± " in shown or "59m 59s behind (± " in shown
    told = json.loads(run("time", "web1", "--json").out)
    assert told["drift"] == pytest.approx(-3600, abs=60)
    assert told["guest_time"] < told["host_time"]
    assert told["done"] is None


def test_the_quickest_round_trip_counts() -> None:
    moments = iter([0, 100, 200, 210, 300, 400, 500, 600, 700, 800])

    class Agent:
        def guest_get_time(self) -> int:
            return 1205

    clocks = verb.compare(Agent(), clock=lambda: next(moments))  # type: ignore[arg-type]
    assert (clocks.host_time, clocks.guest_time) == (205, 1205)
    assert (clocks.drift, clocks.uncertainty) == (1e-6, 5e-9)


def test_words_for_the_drift() -> None:
    def words(drift: float, uncertainty: float) -> Any:
        return dict(verb.show(verb.Clocks(0, 2**63 - 1, drift, uncertainty)).items)

    assert words(0.001, 0.002)["drift"] == "none that can be measured (± 2.00 ms)"
    assert words(0.5, 0.002)["drift"] == "500.00 ms ahead (± 2.00 ms)"
    assert words(2, 0.002)["drift"].style == "yellow"
    assert words(1, 1)["guest"] == "1970-01-01 00:00:00.000Z"
    assert words(1, 1)["host"] == "2262-04-11 23:47:16.854Z"
    far = verb.show(verb.Clocks(2**70, 0, 1e9, 0.1))
    assert dict(far.items)["guest"] == f"{2**70} ns since 1970"


def set_to(guest: FakeGuest) -> Any:
    return [arguments.get("time") for name, arguments in guest.calls if name == "guest-set-time"]


def test_set_to_now(stand_in: StandIn, run: Run) -> None:
    guest = stand_in("web1", guest_ahead_by(0))
    told = json.loads(run("time", "web1", "--json", "--set").out)
    assert told["done"] == "set"
    assert set_to(guest)[0] == pytest.approx(time.time_ns(), abs=HOUR)


@pytest.mark.parametrize("text", ["1769860800", "2026-01-31T12:00:00Z", "2026-01-31 13:00:00+01:00"])
def test_set_to_a_moment(stand_in: StandIn, run: Run, text: str) -> None:
    guest = stand_in("web1", guest_ahead_by(0))
    assert run("time", "web1", "--set", text).status == 0
    moment = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
    assert set_to(guest) == [int(moment.timestamp()) * 10**9]


def test_set_by_the_hardware_clock(stand_in: StandIn, run: Run) -> None:
    guest = stand_in("web1", guest_ahead_by(0))
    assert json.loads(run("time", "web1", "--sync", "--json").out)["done"] == "synced"
    assert set_to(guest) == [None]


@pytest.mark.parametrize("words", [["--set", "yesterday"], ["--set", "inf"], ["--set", "now", "--sync"]])
def test_nonsense(stand_in: StandIn, run: Run, words: list[str]) -> None:
    guest = stand_in("web1", guest_ahead_by(0))
    assert run("time", "web1", *words).status == 2
    assert guest.calls == []

"""`guestwire cpu`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from guestwire.testing import FakeGuest

StandIn = Callable[..., Any]
Run = Callable[..., Any]

VCPUS = [
    {"logical-id": 1, "online": True, "can-offline": True},
    {"logical-id": 0, "online": True, "can-offline": False},
    {"logical-id": 2, "online": False},
]
STATS = [
    {"type": "linux", "cpu": 0, "user": 40, "nice": 10, "system": 20, "idle": 25, "iowait": 5, "steal": 0},
    {"type": "linux", "cpu": 1},
]
WHOLE = {
    "guest-get-vcpus": VCPUS,
    "guest-get-load": {"load1m": 0.5, "load5m": 1.25, "load15m": 2},
    "guest-get-cpustats": STATS,
}
GOLDEN = """\
load  0.50 1.25 2.00
cpu  state    can go offline  user  system  waiting  stolen  idle
0    online   no               50%     20%       5%      0%   25%
1    online   yes                -       -        -       -     -
2    offline  -                  -       -        -       -     -
"""
GOLDEN_OLD = """\
cpu  state    can go offline  user  system  waiting  stolen  idle
0    online   no                 -       -        -       -     -
1    online   yes                -       -        -       -     -
2    offline  -                  -       -        -       -     -
"""


def test_people(stand_in: StandIn, run: Run) -> None:
    stand_in("new", FakeGuest(WHOLE))
    stand_in("old", FakeGuest({"guest-get-vcpus": VCPUS}))
    assert run("cpu", "new").out == GOLDEN
    assert run("cpu", "old").out == GOLDEN_OLD


def test_programs(stand_in: StandIn, run: Run) -> None:
    stand_in("new", FakeGuest(WHOLE))
    stand_in("old", FakeGuest({"guest-get-vcpus": VCPUS}))
    told = json.loads(run("cpu", "new", "--json").out)
    assert told == {"vcpus": VCPUS, "load": WHOLE["guest-get-load"], "stats": STATS}
    assert json.loads(run("cpu", "old", "--json").out) == {"vcpus": VCPUS, "load": None, "stats": None}


def test_switching_processors(stand_in: StandIn, run: Run) -> None:
    guest = stand_in("web1", FakeGuest({**WHOLE, "guest-set-vcpus": lambda arguments: 2}))
    assert run("cpu", "web1", "--online", "2-3,5", "--offline", "1").status == 0
    asked = [arguments["vcpus"] for name, arguments in guest.calls if name == "guest-set-vcpus"]
    assert [[each["logical-id"] for each in part] for part in asked] == [[2, 3, 5, 1], [5, 1]]
    assert [each["online"] for each in asked[0]] == [True, True, True, False]


def test_a_processor_that_is_not_switched(stand_in: StandIn, run: Run) -> None:
    stand_in("web1", FakeGuest({**WHOLE, "guest-set-vcpus": lambda arguments: 0}))
    done = run("cpu", "web1", "--offline", "0")
    assert (done.status, done.err) == (1, "guestwire: web1: cpu 0 was not switched\n")


def test_no_list_of_processors(stand_in: StandIn, run: Run) -> None:
    stand_in("web1", FakeGuest(WHOLE))
    for words in ("all", "1-", "-1", "1-99999999999"):
        done = run("cpu", "web1", f"--online={words}")
        assert done.status == 2
        assert "is no list of processors" in done.err

"""`guestwire trim`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from guestwire.testing import FakeGuest

StandIn = Callable[..., Any]
Run = Callable[..., Any]

TRIMMED = {
    "paths": [{"path": "/srv", "error": "not supported\n"}, {"path": "/", "trimmed": 3 << 20, "minimum": 0}]
}


def test_what_was_trimmed(stand_in: StandIn, run: Run) -> None:
    guest = stand_in("web1", FakeGuest({"guest-fstrim": TRIMMED}))
    done = run("trim", "web1", "--minimum", "4096")
    assert done.status == 1
    assert done.out == (
        "filesystem  trimmed  error\n"
        "/           3.0 MiB  -\n"
        "/srv              -  not supported\\x0a\n"
    )  # fmt: skip
    assert guest.calls == [("guest-fstrim", {"minimum": 4096})]
    assert json.loads(run("trim", "web1", "--json").out) == TRIMMED


def test_all_is_well(stand_in: StandIn, run: Run) -> None:
    stand_in("web1", FakeGuest({"guest-fstrim": {"paths": []}}))
    assert run("trim", "web1") == (0, "no filesystem can be trimmed\n", "")

"""`guestwire thaw`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from guestwire.testing import FakeGuest

StandIn = Callable[..., Any]
Run = Callable[..., Any]


def test_how_many(stand_in: StandIn, run: Run) -> None:
    for name, count in (("a", 0), ("b", 1), ("c", 2)):
        stand_in(name, FakeGuest({"guest-fsfreeze-thaw": count}))
    assert run("thaw", "a").out == "nothing was frozen\n"
    assert run("thaw", "b").out == "1 filesystem thawed\n"
    assert run("thaw", "c").out == "2 filesystems thawed\n"
    assert json.loads(run("thaw", "c", "--json").out) == {"thawed": 2}

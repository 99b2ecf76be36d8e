"""`guestwire wait`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from guestwire.testing import FakeGuest

Run = Callable[..., Any]


def test_a_guest_that_is_there(agent: str, guestwire: Run) -> None:
    done = guestwire("wait", agent, "--needs", "guest-exec", "--json")
    assert done.returncode == 0
    assert "guest-exec" in json.loads(done.stdout)["commands"]


def test_what_is_missing_is_said(stand_in: Run, run: Run) -> None:
    stand_in("web1", FakeGuest(disabled=["guest-exec"]))
    stand_in("gone", FakeGuest(), trouble=FileNotFoundError())
    assert run("wait", "web1").out == "ready after 0.0 s, 10 commands enabled\n"
    said = run("wait", "web1", "--needs", "guest-exec")
    assert (said.status, said.out) == (1, "")
    assert "guest-exec: the agent does not have this command" in said.err
    assert "not ready: no socket" in run("wait", "gone", "--timeout", "0.05").err

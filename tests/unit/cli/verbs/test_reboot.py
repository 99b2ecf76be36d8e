"""`guestwire reboot`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.unit.cli.verbs.test_shutdown import Off


def test_it_is_a_shutdown_of_that_mode(stand_in: Callable[..., Any], run: Callable[..., Any]) -> None:
    guest = stand_in("web1", Off({"guest-shutdown": None}))
    assert run("reboot", "web1") == (0, "reboots\n", "")
    assert guest.calls[-1] == ("guest-shutdown", {"mode": "reboot"})

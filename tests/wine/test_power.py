"""Suspending, up to the call: Wine's SetSuspendState does nothing, answers that it did, and prints its arguments."""

from __future__ import annotations

import re

import pytest

from .rig import Wine


@pytest.mark.parametrize(("to_disk", "arguments"), [(False, "0 1 1"), (True, "1 1 1")])
def test_the_call(wine: Wine, monkeypatch: pytest.MonkeyPatch, to_disk: bool, arguments: str) -> None:
    """To disk or not, without asking programs, without waking up by timers."""
    monkeypatch.setitem(wine.environment, "WINEDEBUG", "fixme+powrprof")
    told = wine.run("-c", f"from guestwire.agent.system.windows import power; power.suspend({to_disk})")
    shown = re.search(r"SetSuspendState \((.+)\)", told)
    assert shown is not None, told
    assert re.findall(r"\w+", shown[1].replace("TRUE", "1").replace("FALSE", "0")) == arguments.split()

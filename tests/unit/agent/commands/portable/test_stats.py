from __future__ import annotations

import os

import pytest

from guestwire.agent.commands.portable.stats import guest_get_load
from guestwire.errors import CommandError


def test_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (1.5, 0.25, 0.0))
    assert guest_get_load() == {"load1m": 1.5, "load5m": 0.25, "load15m": 0.0}


def test_unobtainable(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError("Load averages are unobtainable")

    monkeypatch.setattr(os, "getloadavg", fail)
    with pytest.raises(CommandError, match=r"^failed to query load average$"):
        guest_get_load()

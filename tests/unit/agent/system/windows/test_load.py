from __future__ import annotations

import ctypes
from typing import Any

import pytest

from guestwire.agent.commands.windows.stats import guest_get_load
from guestwire.agent.system.windows import load
from guestwire.agent.system.windows.load import PDH_FMT_COUNTERVALUE, Averages, QueueLength
from guestwire.errors import CommandError


def test_averages_fade_as_those_of_unix() -> None:
    averages = Averages()
    for _ in range(12):  # one minute
        averages.add(2.0)
    one, five, fifteen = averages.values
    assert one == pytest.approx(2 * (1 - 2.718281828**-1))
    assert one > five > fifteen > 0


def test_the_layout_of_a_value() -> None:
    assert (ctypes.sizeof(PDH_FMT_COUNTERVALUE), PDH_FMT_COUNTERVALUE.doubleValue.offset) == (16, 8)


class Pdh:
    def __init__(self, status: int = 0) -> None:
        self.status = status
        self.names: list[Any] = []

    def __call__(self, _library: str, export: str, *_: Any) -> Any:
        def call(*arguments: Any) -> int:
            if export == "PdhAddEnglishCounterW":
                self.names.append(arguments[1])
                return self.status
            if export == "PdhGetFormattedCounterValue":
                PDH_FMT_COUNTERVALUE.from_address(arguments[3]).doubleValue = 3.0
            return 0

        return call


def test_the_counter(monkeypatch: pytest.MonkeyPatch) -> None:
    pdh = Pdh()
    monkeypatch.setattr(load, "function", pdh)
    assert QueueLength().read() == 3.0
    assert pdh.names == ["\\System\\Processor Queue Length"]


def test_the_first_call_begins_to_count(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    monkeypatch.setattr(load, "function", Pdh())
    monkeypatch.setattr(load, "_averages", None)
    monkeypatch.setattr(load, "start_new_thread", lambda *words: started.append(words))
    assert guest_get_load() == guest_get_load() == {"load1m": 0.0, "load5m": 0.0, "load15m": 0.0}
    assert len(started) == 1


def test_a_windows_without_the_counter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "function", Pdh(0xC0000BB9))
    monkeypatch.setattr(load, "_averages", None)
    with pytest.raises(CommandError, match="PdhAddEnglishCounterW failed with 0xc0000bb9"):
        guest_get_load()

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from guestwire.agent.commands.linux import clock
from guestwire.agent.commands.linux.clock import guest_set_time
from guestwire.errors import CommandError
from tests.unit.agent.trees import plant, state

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1795399384_000000000


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """What would have been set: no test ever sets this machine's clock."""
    calls: list[tuple[int, int]] = []

    def settime(which: int, nanoseconds: int) -> None:
        if nanoseconds < 0:
            raise OSError(22, "Invalid argument")
        calls.append((which, nanoseconds))

    monkeypatch.setattr(time, "clock_settime_ns", settime)
    return calls


@pytest.fixture
def rtc(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    written: list[float] = []
    monkeypatch.setattr(clock.rtc, "read", lambda root: NOW / 1e9)
    monkeypatch.setattr(clock.rtc, "write", lambda root, seconds: written.append(seconds))
    return written


def hwclock(tmp_path: Path, script: str) -> Path:
    path = plant(tmp_path, {"sbin/hwclock": "#!/bin/sh\n" + script}) / "sbin/hwclock"
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(("time_", "option"), [(NOW, "-w"), (None, "-s")])
def test_hwclock(time_: int | None, option: str, tmp_path: Path, settings: list[tuple[int, int]]) -> None:
    hwclock(tmp_path, f'echo "$@" > {tmp_path}/told\n')
    guest_set_time(state(tmp_path), time_)
    assert (tmp_path / "told").read_text() == option + "\n"
    assert settings == ([] if time_ is None else [(time.CLOCK_REALTIME, NOW)])


def test_hwclock_fails(tmp_path: Path) -> None:
    hwclock(tmp_path, "echo no clock; exit 1\n")
    text = r"^child process has failed to set hardware clock to system time: no clock\n$"
    with pytest.raises(CommandError, match=text):
        guest_set_time(state(tmp_path))


def test_without_hwclock(tmp_path: Path, settings: list[tuple[int, int]], rtc: list[float]) -> None:
    guest_set_time(state(tmp_path), NOW)
    assert settings == [(time.CLOCK_REALTIME, NOW)]
    assert len(rtc) == 1
    guest_set_time(state(tmp_path))
    assert settings[1:] == [(time.CLOCK_REALTIME, NOW)]


def test_no_clock_at_all(tmp_path: Path, settings: list[tuple[int, int]]) -> None:
    text = r"^failed to set hardware clock to system time: No such file or directory$"
    with pytest.raises(CommandError, match=text):
        guest_set_time(state(tmp_path), NOW)
    assert settings == [(time.CLOCK_REALTIME, NOW)]


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (-1, "Failed to set time to guest: Invalid argument"),
        (-(10**9), "Invalid time"),
        (3155760000 * 10**9, "Invalid time"),
        (2**63 - 1, "Invalid time"),
    ],
)
def test_out_of_range(nanoseconds: int, text: str, tmp_path: Path, settings: list[tuple[int, int]]) -> None:
    with pytest.raises(CommandError) as caught:
        guest_set_time(state(tmp_path), nanoseconds)
    assert caught.value.desc == text
    assert not settings
    assert not os.listdir(tmp_path)

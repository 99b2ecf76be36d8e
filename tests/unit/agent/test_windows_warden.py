from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from guestwire.agent import windows_alarm
from guestwire.agent.windows_alarm import WindowsAlarm
from guestwire.agent.windows_warden import watch

if TYPE_CHECKING:
    import pytest


class World:
    """What the warden sees of the agent. `expired` and `relieved` are set when it has acted."""

    def __init__(self) -> None:
        self.alarm = WindowsAlarm()
        self.errors: list[str] = []
        self.expired = threading.Event()
        self.relieved = threading.Event()
        self.loop: Any = SimpleNamespace(failed=None, relieve=self.relieved.set)
        self.state: Any = SimpleNamespace(
            gate=SimpleNamespace(frozen=False),
            log=SimpleNamespace(error=self.errors.append),
            freezer=SimpleNamespace(deadline=None, expire=self.expired.set),
        )

    def watch(self) -> int:
        return watch(self.loop, self.state, self.alarm)


def test_ends_when_told() -> None:
    world = World()
    world.alarm.end()
    assert world.watch() == 0


def test_ends_after_the_thaw(monkeypatch: pytest.MonkeyPatch) -> None:
    """The order to end is kept until the freeze is over."""
    world = World()
    world.state.gate.frozen = True
    world.alarm.end()
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        world.state.gate.frozen = len(waits) < 3
        return False

    monkeypatch.setattr(world.alarm, "wait", wait)
    assert world.watch() == 0
    assert waits == [0.1, 0.1, 0.1]


def test_ends_with_the_channel_even_while_frozen() -> None:
    world = World()
    world.state.gate.frozen = True
    world.loop.failed = "the port went away"
    assert world.watch() == 1
    assert world.errors == ["the port went away"]


def test_relieves_the_loop_of_a_long_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows_alarm, "PATIENCE", 0.01)
    world = World()
    world.alarm.arm()
    world.loop.relieve = lambda: (world.relieved.set(), world.alarm.end())
    assert world.watch() == 0
    assert world.relieved.is_set()


def test_thaws_at_the_end_of_the_lease() -> None:
    world = World()
    world.state.freezer.deadline = time.monotonic()

    def expire() -> None:
        world.expired.set()
        world.alarm.end()

    world.state.freezer.expire = expire
    assert world.watch() == 0
    assert world.expired.is_set()
    assert world.state.freezer.deadline is None

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from guestwire.agent import windows_alarm
from guestwire.agent.windows_alarm import WindowsAlarm

if TYPE_CHECKING:
    import pytest


def test_rings_when_a_command_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows_alarm, "PATIENCE", 0.01)
    alarm = WindowsAlarm()
    alarm.arm()
    deadline = time.monotonic() + 10
    while not alarm.wait(10):
        assert time.monotonic() < deadline
    assert not alarm.wait(0), "it rings once"


def test_a_quick_command_does_not_ring() -> None:
    alarm = WindowsAlarm()
    alarm.arm()
    alarm.disarm()
    assert not alarm.wait(10), "the first command after a quiet time wakes the warden"
    assert not alarm.wait(0)


def test_only_the_first_command_of_many_wakes_the_warden() -> None:
    alarm = WindowsAlarm()
    alarm.arm()
    assert alarm._bell.acquire(False)
    alarm.disarm()
    alarm.arm()
    assert not alarm._bell.acquire(False)


def test_wake_is_heard_once_however_often_it_is_called() -> None:
    alarm = WindowsAlarm()
    alarm.wake()
    alarm.wake()
    assert not alarm.wait(10)
    assert not alarm._bell.acquire(False)


def test_end_wakes_the_warden_from_another_thread() -> None:
    alarm = WindowsAlarm()
    thread = threading.Thread(target=alarm.end)
    thread.start()
    assert not alarm.wait(10)
    thread.join()
    assert alarm.ended

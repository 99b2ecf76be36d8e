"""The timer of slow commands, with the signal it really sends; in a process of its own, whose mask it changes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CODE = """
import sys
sys.path.insert(0, {source!r})
from _signal import SIGALRM, sigtimedwait
from guestwire.agent import warden
from guestwire.agent.alarm import Alarm
warden.block_signals()
alarm = Alarm()
alarm.arm()
first = sigtimedwait([SIGALRM], 10)
alarm.arm()
alarm.disarm()
second = sigtimedwait([SIGALRM], 0.2)
alarm.wake()
third = sigtimedwait([SIGALRM], 10)
print(first.si_signo == SIGALRM, second, third.si_signo == SIGALRM)
"""


def test_it_rings_once_unless_disarmed_and_when_woken() -> None:
    source = str(Path(__file__).parents[3] / "src")
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(source=source)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == "True None True\n"

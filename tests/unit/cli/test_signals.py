"""Signals held back for a moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from guestwire.cli import signals


def test_it_comes_at_the_end_of_the_block() -> None:
    reached = []

    def block() -> None:
        with signals.held():
            os.kill(os.getpid(), signal.SIGINT)
            reached.append("the end")

    with pytest.raises(KeyboardInterrupt):
        block()
    assert reached == ["the end"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_is_ignored_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals.held():
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_program_started_meanwhile_inherits_nothing() -> None:
    with signals.held():
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    child.terminate()
    assert child.wait(30) == -signal.SIGTERM
    assert child.stdin
    child.stdin.close()

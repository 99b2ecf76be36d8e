from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from guestwire.agent.system.linux import child as module
from guestwire.agent.system.linux.child import Child

if TYPE_CHECKING:
    import pytest


def start(script: str) -> Child:
    return Child(os.posix_spawn("/bin/sh", ["sh", "-c", script], os.environ))


def end_of(child: Child) -> tuple[str, int]:
    deadline = time.monotonic() + 30
    while True:
        child.wait(1.0)
        ending = child.collect()
        if ending is not None:
            return ending
        assert time.monotonic() < deadline


def test_exit_code() -> None:
    assert end_of(start("exit 44")) == ("exitcode", 44)


def test_signal() -> None:
    assert end_of(start("kill -9 $$")) == ("signal", 9)


def test_running_and_stopped() -> None:
    child = start("kill -STOP $$; exit 5")
    child.wait(0.01)
    assert child.collect() is None
    deadline = time.monotonic() + 30
    while child.collect() is None:
        os.kill(child.pid, 18)
        assert time.monotonic() < deadline


def test_lost_status() -> None:
    child = start("true")
    os.waitpid(child.pid, 0)
    assert child.collect() == ("", 0)
    child.wait(1000)


def test_kernel_without_pidfd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pidfd_open")
    assert module.pidfd(os.getpid()) == -1
    child = start("exit 1")
    child.wait(1000)
    assert end_of(child) == ("exitcode", 1)

"""What the main thread does with each signal. The signals are the test's, not the kernel's."""

from __future__ import annotations

import threading
from _signal import SIGALRM, SIGCHLD, SIGINT, SIGTERM
from types import SimpleNamespace
from typing import Any

import pytest

from guestwire.agent import warden


class Scene:
    """A loop and a state that write down what was asked of them."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.expired = threading.Event()
        self.loop = SimpleNamespace(relieve=lambda: self.done.append("relieve"), failed=None)
        self.state = SimpleNamespace(
            freezer=SimpleNamespace(deadline=None, expire=self.expire),
            jobs=SimpleNamespace(reap=lambda: self.done.append("reap")),
            gate=SimpleNamespace(frozen=False),
            log=SimpleNamespace(error=self.done.append),
        )

    def expire(self) -> None:
        self.expired.set()

    def watch(self, monkeypatch: pytest.MonkeyPatch, *signals: int | None) -> int:
        """Let the warden take these signals, None being a time that has run out."""
        waiting = iter(signals)

        def take(_: Any, patience: float) -> Any:
            signal = next(waiting)
            return None if signal is None else SimpleNamespace(si_signo=signal)

        monkeypatch.setattr(warden, "sigtimedwait", take)
        return warden.watch(self.loop, self.state)  # type: ignore[arg-type]


@pytest.mark.parametrize("signal", [SIGTERM, SIGINT])
def test_a_signal_to_end(monkeypatch: pytest.MonkeyPatch, signal: int) -> None:
    assert Scene().watch(monkeypatch, signal) == 0


def test_work_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    monkeypatch.setattr(warden, "REAP_DELAY", 0.0)
    assert scene.watch(monkeypatch, SIGCHLD, SIGALRM, None, None, SIGTERM) == 0
    assert scene.done == ["relieve", "reap"]


def test_signals_to_end_are_ignored_while_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    scene.state.gate.frozen = True
    with pytest.raises(StopIteration):
        scene.watch(monkeypatch, SIGTERM, SIGINT)


def test_a_lost_channel_ends_the_agent_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    scene.loop.failed = "the device is gone"
    assert scene.watch(monkeypatch, SIGALRM) == 1
    assert scene.done[-1] == "the device is gone"


def test_a_lease_that_has_run_out_thaws(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    scene.state.freezer.deadline = 0.0
    assert scene.watch(monkeypatch, None, SIGTERM) == 0
    assert scene.expired.wait(10)

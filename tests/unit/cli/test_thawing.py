"""Guests that are thawed all at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from guestwire.cli import thawing
from guestwire.cli.thawing import Frost
from guestwire.errors import GuestTimeout

PATIENCE = 30.0


@contextmanager
def frozen(order: list[str], name: str, before: threading.Event, after: threading.Event) -> Iterator[int]:
    yield 2
    assert before.wait(PATIENCE)
    order.append(name)
    after.set()


@contextmanager
def dead(name: str) -> Iterator[int]:
    yield 1
    raise GuestTimeout("silent", guest=name)


def test_one_that_is_slow_holds_up_none_of_the_others() -> None:
    order: list[str] = []
    first, second = threading.Event(), threading.Event()
    with Frost() as frost:
        assert frost.add(frozen(order, "slow", second, first)) == 2
        assert frost.add(frozen(order, "quick", _set(), second)) == 2
        assert order == []
    assert order == ["quick", "slow"]


def test_what_could_not_be_thawed_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    order: list[str] = []
    frost = Frost()
    frost.add(dead("web1"))
    frost.add(dead("web2"))
    frost.add(frozen(order, "web3", _set(), threading.Event()))
    with pytest.raises(GuestTimeout):
        frost.__exit__(None, None, None)
    assert order == ["web3"]
    assert capsys.readouterr().err.count("\n") == 1
    frost = Frost()
    frost.add(dead("web1"))
    frost.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert "web1" in capsys.readouterr().err


def test_one_impatient_interrupt_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    real = thawing._wait
    waits: list[int] = []

    def wait(threads: list[threading.Thread]) -> None:
        waits.append(1)
        if len(waits) == 1:
            raise KeyboardInterrupt
        real(threads)

    monkeypatch.setattr(thawing, "_wait", wait)
    with pytest.raises(KeyboardInterrupt), Frost() as frost:
        frost.add(frozen(order, "web1", _set(), threading.Event()))
    assert order == ["web1"]


def _set() -> threading.Event:
    event = threading.Event()
    event.set()
    return event

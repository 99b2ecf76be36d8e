from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from guestwire.broker.vigil import Vigil
from guestwire.client.transports.polling import SPAN

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable


class Loop:
    """An event loop whose clock is set by hand; each turn takes a tenth of a vigil."""

    def __init__(self) -> None:
        self.now = 100.0
        self.soon: list[Callable[[], None]] = []
        self.turns = 0

    def time(self) -> float:
        return self.now

    def call_soon(self, callback: Callable[[], None]) -> None:
        self.soon.append(callback)

    def go_round(self) -> None:
        """One turn of the loop."""
        self.turns += 1
        self.now += SPAN / 10
        due, self.soon = self.soon, []
        for callback in due:
            callback()

    def until_asleep(self) -> int:
        """Go round until nothing keeps the loop awake; the turns that took."""
        before = self.turns
        while self.soon:
            self.go_round()
            assert self.turns - before < 100
        return self.turns - before


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def vigil(loop: Loop) -> Vigil:
    return Vigil(cast("asyncio.AbstractEventLoop", loop))


def test_the_loop_is_awake_for_a_moment_and_no_longer(loop: Loop, vigil: Vigil) -> None:
    vigil.keep()
    assert 9 <= loop.until_asleep() <= 12


def test_what_comes_ends_it(loop: Loop, vigil: Vigil) -> None:
    vigil.keep()
    loop.go_round()
    vigil.met()
    assert loop.until_asleep() == 1


def test_one_after_the_other_keeps_one_callback(loop: Loop, vigil: Vigil) -> None:
    for _ in range(5):
        vigil.keep()
        vigil.keep()
        assert len(loop.soon) == 1
        loop.go_round()
        vigil.met()
    assert loop.until_asleep() == 1


def test_it_is_given_up_where_nothing_comes_in_time(loop: Loop, vigil: Vigil) -> None:
    kept = 0
    for _ in range(1000):
        vigil.keep()
        kept += bool(loop.soon)
        loop.until_asleep()
        vigil.met()  # too late
    assert kept < 20


def test_it_is_kept_again_where_it_pays(loop: Loop, vigil: Vigil) -> None:
    for _ in range(50):
        vigil.keep()
        loop.until_asleep()
    kept = 0
    for _ in range(1000):
        vigil.keep()
        kept += bool(loop.soon)
        vigil.met()
        loop.until_asleep()
    assert kept > 500


def test_an_event_that_nobody_watched_for_is_none(loop: Loop, vigil: Vigil) -> None:
    vigil.met()
    assert not loop.soon
    vigil.keep()
    assert len(loop.soon) == 1

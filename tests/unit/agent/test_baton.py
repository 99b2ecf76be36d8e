"""Who reads and who runs. Time is the test's own."""

from __future__ import annotations

from typing import Any

import pytest

from guestwire.agent import baton as module
from guestwire.agent.baton import MAX_QUEUED, MAX_STUCK, PATIENCE, Baton
from guestwire.errors import CommandError
from guestwire.wire.messages import Request


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "monotonic", clock)
    return clock


def request(name: str = "guest-get-fsinfo") -> Request:
    return Request(name, None)


def begin(baton: Baton, event: Request | None = None) -> Any:
    return baton.begin(None, event or request())  # type: ignore[arg-type]


def test_a_quick_command_keeps_its_reader_in_the_seat(clock: Clock) -> None:
    baton = Baton()
    seat = baton.seat
    turn = begin(baton)
    assert baton.running is turn
    assert baton.end(turn)
    assert baton.running is None
    assert baton.depose() is None
    assert baton.seat is seat


def test_an_alarm_of_an_earlier_command_deposes_nobody(clock: Clock) -> None:
    baton = Baton()
    begin(baton)
    clock.now += PATIENCE / 2
    assert baton.depose() is None


def test_a_deposed_command_answers_and_works_off_the_queue(clock: Clock) -> None:
    baton = Baton()
    assert not baton.defer(request())
    turn = begin(baton)
    clock.now += PATIENCE
    seat = baton.depose()
    assert seat is baton.seat
    assert baton.depose() is None
    following = request("guest-get-disks")
    assert baton.defer(following)
    assert not baton.end(turn)
    queued = baton.next_queued(turn)
    assert queued is not None
    assert queued.event is following
    assert baton.next_queued(queued) is None
    assert not baton.defer(request())


def test_an_abandoned_command_is_stuck_until_it_returns(clock: Clock) -> None:
    baton = Baton()
    turn = begin(baton)
    clock.now += PATIENCE
    baton.depose()
    baton.defer(request())
    assert baton.abandon() is turn
    assert turn.abandoned
    assert baton.stuck == 1
    assert not baton.defer(request())  # the reader runs commands itself again
    assert not baton.end(turn)
    assert baton.next_queued(turn) is None  # and what was queued is void
    assert baton.stuck == 0
    assert baton.abandon() is None


def test_the_number_of_stuck_commands_is_bounded(clock: Clock) -> None:
    baton = Baton()
    turns = []
    for _ in range(MAX_STUCK):
        turns.append(begin(baton))
        clock.now += PATIENCE
        baton.depose()
        baton.abandon()
    clock.now += 60
    with pytest.raises(CommandError) as caught:
        begin(baton)
    assert str(caught.value).startswith(
        "8 commands have not returned, no more are started: guest-get-fsinfo (60 s), "
    )
    baton.next_queued(turns[0])
    begin(baton)


def test_the_queue_is_bounded(clock: Clock) -> None:
    baton = Baton()
    begin(baton)
    for _ in range(MAX_QUEUED):
        assert baton.defer(request())
    with pytest.raises(CommandError, match="1024 requests already wait for guest-get-fsinfo"):
        baton.defer(request())

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest

from guestwire.broker.local import LocalTransport

if TYPE_CHECKING:
    from guestwire.broker.client import Line


class Client:
    """Answers each request with its own bytes, in upper case, when told to."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.asked: list[bytes] = []

    def receive(self, data: bytes) -> None:
        self.asked.append(data)

    def answer(self) -> None:
        for each in self.asked:
            self.line.write(memoryview(each.upper()))
        self.asked.clear()


class Place:
    def __init__(self) -> None:
        self.here: list[Client] = []
        self.left: list[Client] = []
        self.transport = LocalTransport(self._enter, cast("Any", self.left.append))

    def _enter(self, line: Line) -> Any:
        self.here.append(Client(line))
        return self.here[-1]


@pytest.fixture
def place() -> Place:
    return Place()


async def test_an_answer_that_is_waited_for(place: Place) -> None:
    await place.transport.open(1)
    assert place.transport.write(b"ping")
    waiting = asyncio.ensure_future(place.transport.arrival(5))
    await asyncio.sleep(0)
    place.here[0].answer()
    assert await waiting == b"PING"
    assert place.transport.take() == b""


async def test_answers_that_came_before_anybody_looked(place: Place) -> None:
    await place.transport.open(1)
    for word in (b"a", b"b"):
        place.transport.write(word)
    place.here[0].answer()
    assert place.transport.take() == b"AB"
    assert place.transport.take() == b""
    await place.transport.drained(1)


async def test_no_answer_in_time(place: Place) -> None:
    await place.transport.open(1)
    with pytest.raises(TimeoutError):
        await place.transport.arrival(0.01)
    place.transport.write(b"late")
    place.here[0].answer()
    assert place.transport.take() == b"LATE"


async def test_what_came_for_the_last_one_is_not_for_the_next(place: Place) -> None:
    await place.transport.open(1)
    place.transport.write(b"old")
    place.here[0].answer()
    await place.transport.close()
    await place.transport.open(1)
    assert place.transport.take() == b""
    assert len(place.left) == 1


async def test_the_end_wakes_who_waits_and_is_final_until_it_is_opened_again(place: Place) -> None:
    await place.transport.open(1)
    waiting = asyncio.ensure_future(place.transport.arrival(5))
    await asyncio.sleep(0)
    place.here[0].line.end()
    with pytest.raises(ConnectionError, match="the broker has closed the channel"):
        await waiting
    assert place.left == place.here
    with pytest.raises(ConnectionError, match="not open"):
        place.transport.write(b"x")
    with pytest.raises(ConnectionError, match="not open"):
        await place.transport.arrival(1)
    await place.transport.close()
    assert place.left == place.here
    await place.transport.open(1)
    assert place.transport.write(b"x")


async def test_nobody_is_before_it(place: Place) -> None:
    assert place.transport.waiting_behind() is False

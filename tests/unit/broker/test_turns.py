from __future__ import annotations

from typing import Any

from guestwire.broker.belongings import Belongings
from guestwire.broker.turns import Job, Turns
from guestwire.wire.messages import Request


class Asker:
    def refusal(self, request: Request) -> str | None:
        return None

    def answer(self, job: Job, reply: dict[str, Any] | None) -> None:
        pass


def job(asker: Asker, name: str) -> Job:
    return Job(asker, Request(name, None))


async def taken(turns: Turns, count: int) -> list[str]:
    names = []
    for _ in range(count):
        request = (await turns.next()).request
        assert request is not None
        names.append(request.name)
    return names


async def test_askers_take_turns_and_keep_their_order() -> None:
    turns, one, two = Turns(), Asker(), Asker()
    for asker, name in ((one, "a1"), (one, "a2"), (one, "a3"), (two, "b1"), (two, "b2")):
        turns.add(job(asker, name))
    assert turns.waiting(one) == 3
    assert await taken(turns, 5) == ["a1", "b1", "a2", "b2", "a3"]
    assert turns.waiting(one) == 0


async def test_the_asker_of_a_thaw_goes_first() -> None:
    turns, one, two = Turns(), Asker(), Asker()
    turns.add(job(one, "a1"))
    turns.add(job(two, "guest-fsfreeze-thaw"))
    turns.add(job(two, "b2"))
    assert await taken(turns, 3) == ["guest-fsfreeze-thaw", "a1", "b2"]


async def test_what_was_dropped_is_never_asked() -> None:
    turns, one, two = Turns(), Asker(), Asker()
    turns.add(job(one, "guest-fsfreeze-thaw"))
    turns.add(job(two, "b1"))
    turns.drop(one)
    turns.drop(one)
    assert await taken(turns, 1) == ["b1"]


def test_a_farewell_thaws_before_it_closes() -> None:
    mine = Belongings()
    mine.note(Request("guest-file-open", {"path": "/x"}), 8)
    mine.note(Request("guest-fsfreeze-freeze", None), 2)
    assert [each.name for each in mine.farewell()] == ["guest-fsfreeze-thaw", "guest-file-close"]
    assert list(mine.farewell()) == []


def test_a_thaw_of_one_s_own_ends_the_lease() -> None:
    mine = Belongings()
    mine.note(Request("guest-fsfreeze-freeze-list", None), 2)
    mine.note(Request("guest-fsfreeze-thaw", None), 2)
    assert list(mine.farewell()) == []


def test_a_hostile_guest_s_answers_make_nothing() -> None:
    mine = Belongings()
    for value in (True, "8", None, [8], {"pid": "1"}, {"pid": True}, {"exited": 1}):
        for name in ("guest-file-open", "guest-exec", "guest-exec-status"):
            mine.note(Request(name, {}), value)
    assert (mine.handles, mine.pids) == (set(), set())

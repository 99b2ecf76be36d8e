from __future__ import annotations

from guestwire.broker.answers import Answer
from guestwire.broker.turns import PATIENCE_OF_POLLS, Job, Priority, Turns
from guestwire.wire.messages import Request


class Asker:
    owner = None

    def __init__(self, priority: Priority = Priority.PERSON) -> None:
        self.priority = priority

    def refusal(self, request: Request) -> Answer | None:
        return None

    def answer(self, job: Job, answer: Answer | None) -> None:
        pass


def job(asker: Asker, name: str) -> Job:
    return Job(asker, Request(name, None), name.encode())


def taken(turns: Turns, count: int) -> list[str]:
    names = []
    for _ in range(count):
        expected, found = turns.peek(), turns.take()
        assert found is not None
        assert found is expected
        names.append(found.name)
    return names


def test_askers_take_turns_and_keep_their_order() -> None:
    turns, one, two = Turns(), Asker(), Asker()
    for asker, name in ((one, "a1"), (one, "a2"), (one, "a3"), (two, "b1"), (two, "b2")):
        turns.add(job(asker, name))
    assert turns.waiting(one) == 3
    assert taken(turns, 5) == ["a1", "b1", "a2", "b2", "a3"]
    assert turns.waiting(one) == 0
    assert turns.take() is None
    assert turns.peek() is None
    assert not turns


def test_the_asker_of_a_thaw_goes_first() -> None:
    turns, one, two, poll = Turns(), Asker(), Asker(), Asker(Priority.POLL)
    turns.add(job(one, "a1"))
    turns.add(job(two, "guest-fsfreeze-thaw"))
    turns.add(job(two, "b2"))
    turns.add(job(poll, "guest-fsfreeze-thaw"))
    assert taken(turns, 4) == ["guest-fsfreeze-thaw", "guest-fsfreeze-thaw", "a1", "b2"]


def test_what_was_dropped_is_never_asked() -> None:
    turns, one, two = Turns(), Asker(), Asker()
    turns.add(job(one, "guest-fsfreeze-thaw"))
    turns.add(job(two, "b1"))
    turns.drop(one)
    turns.drop(one)
    assert taken(turns, 1) == ["b1"]


def test_persons_go_before_polls_but_not_for_ever() -> None:
    turns, person, poll = Turns(), Asker(), Asker(Priority.POLL)
    turns.add(job(poll, "poll"))
    for number in range(PATIENCE_OF_POLLS + 2):
        turns.add(job(person, str(number)))
    names = taken(turns, PATIENCE_OF_POLLS + 3)
    assert names.index("poll") == PATIENCE_OF_POLLS


def test_what_is_put_back_is_next_of_its_asker() -> None:
    turns, one = Turns(), Asker()
    turns.add(job(one, "later"))
    turns.put_back(job(one, "first"))
    assert taken(turns, 2) == ["first", "later"]


def test_equal_reads_are_found_where_they_are_next() -> None:
    turns, one, two, three = Turns(), Asker(), Asker(), Asker(Priority.POLL)
    turns.add(job(one, "guest-get-load"))
    turns.add(job(two, "guest-ping"))
    turns.add(job(two, "guest-get-load"))
    turns.add(job(three, "guest-get-load"))
    assert [each.asker for each in turns.take_same(b"guest-get-load")] == [one, three]
    assert job(one, "guest-ping").key is None
    assert Job(one, None, ready=[b""]).key is None
    assert [each.name for each in turns.take_all()] == ["guest-ping", "guest-get-load"]
    assert not turns

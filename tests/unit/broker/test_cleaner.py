from __future__ import annotations

from guestwire.broker import cleaner as module
from guestwire.broker.answers import NOTHING, refusal, unreachable
from guestwire.broker.cleaner import Cleaner
from guestwire.broker.turns import THAW, Job
from guestwire.wire.messages import Request

CLOSE = Request("guest-file-close", {"handle": 7})


class Guest:
    """Keeps what is submitted; `answer` answers all of it."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.cleaner = Cleaner(self.jobs.append)

    def answer(self, answer: object) -> int:
        jobs, self.jobs[:] = list(self.jobs), []
        for job in jobs:
            self.cleaner.answer(job, answer)  # type: ignore[arg-type]
        return len(jobs)


def test_what_a_client_left_is_asked_as_a_request_of_the_broker() -> None:
    guest = Guest()
    guest.cleaner.clean([CLOSE])
    assert [job.line for job in guest.jobs] == [
        b'{"execute": "guest-file-close", "arguments": {"handle": 7}}\n'
    ]
    assert guest.cleaner.refusal(CLOSE) is None
    assert str(guest.cleaner) == "broker"


def test_a_guest_s_refusal_is_the_end_of_it() -> None:
    guest = Guest()
    guest.cleaner.clean([CLOSE])
    guest.answer(refusal("handle '7' has not been found"))
    guest.cleaner.try_again()
    assert not guest.jobs


def test_what_had_no_answer_is_asked_when_the_guest_is_back_but_not_for_ever() -> None:
    guest = Guest()
    guest.cleaner.clean([CLOSE])
    tries = 0
    while guest.answer(unreachable("away")):
        tries += 1
        guest.cleaner.try_again()
    assert tries == module._TRIES


def test_a_thaw_is_tried_until_it_is_done() -> None:
    guest = Guest()
    guest.cleaner.thaw()
    for _ in range(10 * module._TRIES):
        assert guest.answer(unreachable("away")) == 1
        guest.cleaner.try_again()
    assert guest.answer(NOTHING) == 1
    guest.cleaner.try_again()
    assert not guest.jobs


def test_one_thaw_at_a_time_is_enough() -> None:
    guest = Guest()
    guest.cleaner.thaw()
    guest.cleaner.thaw()
    assert [job.name for job in guest.jobs] == [THAW]
    guest.answer(NOTHING)
    guest.cleaner.thaw()
    assert [job.name for job in guest.jobs] == [THAW]


def test_a_guest_that_stays_away_does_not_fill_the_memory(monkeypatch: object) -> None:
    guest = Guest()
    guest.cleaner.clean(CLOSE for _ in range(module._MOST_OWED + 100))
    guest.answer(unreachable("away"))
    guest.cleaner.try_again()
    assert len(guest.jobs) == module._MOST_OWED

from __future__ import annotations

import time
from _thread import allocate_lock
from collections.abc import Callable

from guestwire.agent.system.linux.guarded import Guard


class Dead:
    """A function that does not return for some keys until they are released."""

    def __init__(self, *keys: str) -> None:
        self.locks = {key: allocate_lock() for key in keys}
        for lock in self.locks.values():
            lock.acquire()
        self.asked: list[str] = []

    def __call__(self, key: str) -> str:
        self.asked.append(key)
        if key in self.locks:
            with self.locks[key]:
                pass
        if key == "bad":
            raise FileNotFoundError(2, "gone")
        return key.upper()


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def kinds(answers: list[object]) -> list[object]:
    return [type(answer) if isinstance(answer, OSError) else answer for answer in answers]


def test_answers_come_in_order_and_errors_stand_in_their_place() -> None:
    guard = Guard()
    assert kinds(guard.ask(Dead(), ["a", "bad", "c"])) == ["A", FileNotFoundError, "C"]
    assert guard.ask(Dead(), []) == []


def test_one_worker_serves_call_after_call() -> None:
    guard = Guard()
    for _ in range(3):
        guard.ask(Dead(), ["a", "b"])
    assert len(guard._idle) == 1


def test_the_others_are_answered_when_one_is_not() -> None:
    guard = Guard(limit=0.05)
    dead = Dead("x", "y")
    assert kinds(guard.ask(dead, ["a", "x", "b", "y", "c"])) == ["A", TimeoutError, "B", TimeoutError, "C"]
    assert guard.stuck == 2
    dead.locks["x"].release()
    dead.locks["y"].release()
    eventually(lambda: guard.stuck == 0)
    assert guard.ask(dead, ["x", "y"]) == ["X", "Y"]


def test_what_is_stuck_is_not_asked_again() -> None:
    guard = Guard(limit=0.05)
    dead = Dead("x")
    guard.ask(dead, ["x"])
    assert kinds(guard.ask(dead, ["a", "x", "b"])) == ["A", TimeoutError, "B"]
    assert dead.asked.count("x") == 1
    dead.locks["x"].release()


def test_past_the_bound_nothing_is_asked() -> None:
    guard = Guard(limit=0.02, max_stuck=2)
    dead = Dead("x", "y", "z")
    assert kinds(guard.ask(dead, ["x", "y", "z", "a"])) == [TimeoutError] * 4
    assert dead.asked == ["x", "y"]
    for lock in dead.locks.values():
        lock.release()


def test_slow_answers_are_waited_for_one_by_one() -> None:
    guard = Guard(limit=0.5)

    def slow(key: int) -> int:
        time.sleep(0.02)
        return key

    job_limit = Guard(limit=0.03)
    assert guard.ask(slow, [1, 2, 3]) == [1, 2, 3]
    assert len(job_limit.ask(slow, [1, 2, 3, 4])) == 4


def test_a_worker_that_answers_at_the_last_moment_is_not_given_up() -> None:
    from guestwire.agent.system.linux.guarded import _Job

    job = _Job(Guard(), str, [1])
    assert job.work()
    assert not job.give_up(0)

"""Questions to the kernel that may never be answered: statvfs() of a dead filesystem, an ioctl to a dying disk.

They are asked in a worker thread. One that gets no answer in time is left to the worker that asked it, and a new
worker goes on with the rest. What has no answer yet is not asked again, so stuck threads are few and bounded.
"""

from __future__ import annotations

import os
from _thread import allocate_lock, start_new_thread
from errno import ETIMEDOUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from typing import Any

LIMIT = 1.0  # seconds for one answer
MAX_STUCK = 8


class Guard:
    """Asks `function(key)` of each key and never waits longer than `limit` seconds for one answer."""

    def __init__(self, limit: float = LIMIT, max_stuck: int = MAX_STUCK) -> None:
        self._limit = limit
        self._max_stuck = max_stuck
        self._idle: list[_Worker] = []
        self._stuck: set[Hashable] = set()

    def ask(self, function: Callable[[Any], Any], keys: Sequence[Hashable]) -> list[Any]:
        """The answers in the order of `keys`; in place of one that failed the OSError, of none a TimeoutError."""
        answers: list[Any] = []
        while len(answers) < len(keys):
            rest = keys[len(answers) :] if answers else keys
            if rest[0] in self._stuck or len(self._stuck) >= self._max_stuck:
                answers.append(TimeoutError(ETIMEDOUT, os.strerror(ETIMEDOUT)))
                continue
            answers += self._ask_some(function, rest)
        return answers

    @property
    def stuck(self) -> int:
        """How many questions wait for an answer in a worker of their own."""
        return len(self._stuck)

    def _ask_some(self, function: Callable[[Any], Any], keys: Sequence[Hashable]) -> list[Any]:
        """The answers up to the first key that gives none, or that is known to."""
        if self._stuck:
            keys = keys[: next((i for i, key in enumerate(keys) if key in self._stuck), len(keys))]
        try:
            worker = self._idle.pop()
        except IndexError:
            worker = _Worker()
        job = worker.begin(_Job(self, function, keys))
        told = 0
        while not job.done.acquire(True, self._limit):
            if job.give_up(told):
                return job.answers
            told = len(job.answers)
        self._idle.append(worker)
        return job.answers

    def blame(self, key: Hashable) -> None:
        """A worker has taken too long over this key (called by the job)."""
        self._stuck.add(key)

    def absolve(self, key: Hashable) -> None:
        """The worker has come back (called by the job)."""
        self._stuck.discard(key)


class _Job:
    """Some questions in the hands of one worker."""

    __slots__ = ("_function", "_guard", "_keys", "_lock", "abandoned", "answers", "done")

    def __init__(self, guard: Guard, function: Callable[[Any], Any], keys: Sequence[Hashable]) -> None:
        self._guard = guard
        self._function = function
        self._keys = keys
        self._lock = allocate_lock()
        self.answers: list[Any] = []
        self.abandoned = False
        self.done = allocate_lock()
        self.done.acquire()

    def work(self) -> bool:
        """Ask one after another, in the worker. False: this took so long that nobody waits any more."""
        for key in self._keys:
            try:
                answer = self._function(key)
            except OSError as error:
                answer = error
            with self._lock:
                if self.abandoned:
                    self._guard.absolve(key)
                    return False
                self.answers.append(answer)
        self.done.release()
        return True

    def give_up(self, told: int) -> bool:
        """Leave the worker alone with its key, if it has answered none since it had answered `told`."""
        with self._lock:
            if len(self.answers) > told or len(self.answers) == len(self._keys):
                return False
            self.abandoned = True
            self._guard.blame(self._keys[told])
        return True


class _Worker:
    """A thread that does one job after another; it ends when a job is abandoned."""

    __slots__ = ("_job", "_wake")

    def __init__(self) -> None:
        self._job: _Job | None = None
        self._wake = allocate_lock()
        self._wake.acquire()
        start_new_thread(self._run, ())

    def begin(self, job: _Job) -> _Job:
        self._job = job
        self._wake.release()
        return job

    def _run(self) -> None:
        while True:
            self._wake.acquire()
            job, self._job = self._job, None
            if job is None or not job.work():
                return

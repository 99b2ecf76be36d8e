"""Whose request is next: clients take turns, one request each; persons before polls, a thaw before everything."""

from __future__ import annotations

from collections import deque
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from guestwire.broker.answers import Answer
    from guestwire.wire.messages import Request

THAW = "guest-fsfreeze-thaw"

PATIENCE_OF_POLLS = 16
"""Persons that may go first while a poll waits; then it is the poll's turn."""

QUICK = frozenset(
    (
        "guest-ping",
        "guest-info",
        "guest-get-time",
        "guest-get-timezone",
        "guest-get-host-name",
        "guest-get-osinfo",
        "guest-get-load",
        "guest-get-cpustats",
        "guestwire-info",
    )
)
"""Commands that touch no disk, change nothing, and are done in microseconds: several may be under way at once."""

_MERGED = "guest-get-"


class Priority(IntEnum):
    """Of a client: all its requests have it."""

    PERSON = 0
    POLL = 1


class Asker(Protocol):
    """Whoever gets the answers: a client, or the broker itself when it cleans up."""

    priority: Priority

    @property
    def owner(self) -> object:
        """Who owns what the requests make."""

    def refusal(self, request: Request) -> Answer | None:
        """The answer when the guest is not to be asked; None when it is."""

    def answer(self, job: Job, answer: Answer | None) -> None:
        """Take the answer of `job`; None when the guest answers nothing, as it does to a shutdown."""


class Job:
    """One request and its `line` for the guest; or, with `ready`, an answer that only has to wait for its place."""

    __slots__ = ("asker", "began", "foreign", "line", "long", "ready", "request", "tries", "void")

    def __init__(
        self, asker: Asker, request: Request | None, line: bytes = b"", ready: list[bytes] | None = None
    ) -> None:
        self.asker = asker
        self.request = request
        self.line = line
        self.ready = ready
        self.void = False  # nobody waits for the answer any more
        self.began = 0.0
        self.tries = 0
        self.long = 0  # bytes of a text that stands in `line` alone
        self.foreign: int | None = (
            None  # the number of another's file or program, which the guest is not told
        )

    @property
    def name(self) -> str:
        """The command, "" where there is none."""
        return "" if self.request is None else self.request.name

    @property
    def key(self) -> bytes | None:
        """What makes two requests the same read, so that one answer serves both; None for all that is no read."""
        return self.line if self.request is not None and self.request.name.startswith(_MERGED) else None


class Turns:
    """The requests that wait for one guest. Those of one asker keep their order."""

    def __init__(self) -> None:
        # one row a priority, each in the order of turns
        self._rows: tuple[dict[Asker, deque[Job]], ...] = tuple({} for _ in Priority)
        self._urgent = 0
        self._passed_over = 0

    def __bool__(self) -> bool:
        persons, polls = self._rows
        return bool(persons or polls)

    def add(self, job: Job) -> None:
        """Let `job` wait behind the others of its asker."""
        self._rows[job.asker.priority].setdefault(job.asker, deque()).append(job)
        self._urgent += job.name == THAW

    def put_back(self, job: Job) -> None:
        """Let `job` be the next of its asker again."""
        self._rows[job.asker.priority].setdefault(job.asker, deque()).appendleft(job)
        self._urgent += job.name == THAW

    def waiting(self, asker: Asker) -> int:
        """How many requests of `asker` wait."""
        return len(self._rows[asker.priority].get(asker, ()))

    def drop(self, asker: Asker) -> list[Job]:
        """Forget what `asker` has waiting; returns it."""
        jobs = list(self._rows[asker.priority].pop(asker, ()))
        self._urgent -= sum(job.name == THAW for job in jobs)
        return jobs

    def peek(self) -> Job | None:
        """The job whose turn it is; it stays where it is."""
        row = self._row()
        return None if row is None else row[self._first(row)][0]

    def take(self) -> Job | None:
        """Take the job whose turn it is."""
        row = self._row()
        if row is None:
            return None
        asker = self._first(row)
        persons, polls = self._rows
        self._passed_over = self._passed_over + 1 if row is persons and polls else 0
        return self._pop(row, asker)

    def take_same(self, key: bytes) -> Iterator[Job]:
        """Take every job that is next of its asker and reads the same."""
        for row in self._rows:
            for asker in [each for each, queue in row.items() if queue[0].key == key]:
                yield self._pop(row, asker)

    def take_all(self) -> list[Job]:
        """Take everything, in no order but that of each asker."""
        found = [job for row in self._rows for queue in row.values() for job in queue]
        for row in self._rows:
            row.clear()
        self._urgent = 0
        return found

    def _row(self) -> dict[Asker, deque[Job]] | None:
        persons, polls = self._rows
        if self._urgent:
            return persons if any(map(_has_thaw, persons.values())) else polls
        if polls and (not persons or self._passed_over >= PATIENCE_OF_POLLS):
            return polls
        return persons or None

    def _first(self, row: dict[Asker, deque[Job]]) -> Asker:
        if self._urgent:
            return next(asker for asker, queue in row.items() if _has_thaw(queue))
        return next(iter(row))

    def _pop(self, row: dict[Asker, deque[Job]], asker: Asker) -> Job:
        queue = row.pop(asker)
        job = queue.popleft()
        self._urgent -= job.name == THAW
        if queue:
            row[asker] = queue  # at the end of the row
        return job


def _has_thaw(queue: deque[Job]) -> bool:
    return any(job.name == THAW for job in queue)

"""Whose request is next: clients take turns, one request each, and a thaw goes before everything."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from guestwire.wire.messages import Request

THAW = "guest-fsfreeze-thaw"


class Asker(Protocol):
    """Whoever gets the answers; the broker's clients, and the broker itself when it cleans up."""

    def refusal(self, request: Request) -> str | None:
        """Why the guest is not to be asked; None when it is."""

    def answer(self, job: Job, reply: dict[str, Any] | None) -> None:
        """Take the answer of `job`; None when the guest answers nothing, as it does to a shutdown."""


class Job:
    """One request, or, with `ready`, an answer that is known already and only has to wait for its place."""

    __slots__ = ("asker", "ready", "request", "void")

    def __init__(self, asker: Asker, request: Request | None, ready: list[bytes] | None = None) -> None:
        self.asker = asker
        self.request = request
        self.ready = ready
        self.void = False  # nobody waits for the answer any more

    @property
    def urgent(self) -> bool:
        """True for a thaw: until it is done, every program of the guest that writes stands still."""
        return self.request is not None and self.request.name == THAW


class Turns:
    """The requests that wait for one guest. Those of one asker keep their order."""

    def __init__(self) -> None:
        self._queues: dict[Asker, deque[Job]] = {}  # in the order of turns
        self._urgent = 0
        self._arrived = asyncio.Event()

    def add(self, job: Job) -> None:
        """Let `job` wait behind the others of its asker."""
        self._queues.setdefault(job.asker, deque()).append(job)
        self._urgent += job.urgent
        self._arrived.set()

    def waiting(self, asker: Asker) -> int:
        """How many requests of `asker` wait."""
        return len(self._queues.get(asker, ()))

    def drop(self, asker: Asker) -> None:
        """Forget what `asker` has waiting."""
        self._urgent -= sum(job.urgent for job in self._queues.pop(asker, ()))

    async def next(self) -> Job:
        """Take the request whose turn it is; wait for one when there is none."""
        while not self._queues:
            self._arrived.clear()
            await self._arrived.wait()
        asker = next(iter(self._queues))
        if self._urgent:
            asker = next((each for each, queue in self._queues.items() if _has_urgent(queue)), asker)
        queue = self._queues.pop(asker)
        job = queue.popleft()
        self._urgent -= job.urgent
        if queue:
            self._queues[asker] = queue  # at the end of the row
        return job


def _has_urgent(queue: deque[Job]) -> bool:
    return any(job.urgent for job in queue)

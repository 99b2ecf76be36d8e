"""One guest: the requests that wait for it, and those that are under way.

One request is under way at a time; of the `QUICK` ones up to `BATCH` are, written together. What is under way keeps
its order, as the guest answers in the order of the requests.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from guestwire.broker import answers, patience
from guestwire.broker.alarm import Alarm
from guestwire.broker.cleaner import Cleaner
from guestwire.broker.conversation import converse
from guestwire.broker.lease import FREEZES, Lease
from guestwire.broker.turns import QUICK, THAW, Job, Turns
from guestwire.broker.upstream import State, Upstream
from guestwire.broker.vigil import Vigil
from guestwire.client.flows import SILENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from guestwire.broker.answers import Answer
    from guestwire.broker.options import GuestOptions

BATCH = 16

_REFUSED = (State.SILENT, State.BUSY)
_SAME = 1.0  # seconds for which an equal read may join one that is under way


class Guest:
    """`submit` takes requests; whatever the guest does, each ends with an answer or an error. `changed` is called when
    what `status` shows is another.
    """

    def __init__(
        self, name: str, address: str, options: GuestOptions, changed: Callable[[], None] = lambda: None
    ) -> None:
        self.name = name
        self.address = address
        self.options = options
        self.turns = Turns()
        self.upstream = Upstream(name, address, self)
        self._loop = asyncio.get_running_loop()
        self.call_later = self._loop.call_later
        self.cleaner = Cleaner(self.submit)
        self.lease = Lease(self._loop, self.cleaner.thaw)
        self._tell = changed
        self._under_way: deque[Job] = deque()
        self._same: list[Job] = []  # they get the answer of the one read that is under way
        self._serving = False  # an answer that is given meanwhile may lead to a request at once
        self._talk: asyncio.Task[None] | None = None
        self._idle: asyncio.Future[None] | None = None
        self._alarm = Alarm(self._loop, self._late)
        self._for_answer = Vigil(self._loop)
        self._for_request = Vigil(self._loop)

    # What clients call

    def submit(self, job: Job) -> None:
        """Take a request in; it is answered through its asker."""
        self._for_request.met()
        if (
            not (self._serving or self._under_way or self.turns)
            and self.upstream.free
            and self._goes_at_once(job)
        ):
            return
        if self._same_is_under_way(job):
            self._same.append(job)
            return
        self.turns.add(job)
        if not (self._serving or self._under_way) and self._talk is None:
            self._serve()

    def _goes_at_once(self, job: Job) -> bool:
        """Send `job` if nothing stands in its way: what `_serve` does, in fewer steps."""
        request = job.request
        if request is None or self._talk is not None or not self.upstream.plain or request.name in SILENT:
            return False
        refused = job.asker.refusal(request)
        if refused is not None:
            job.asker.answer(job, refused)
            return True
        job.began = now = self._loop.time()
        self._under_way.append(job)
        self._alarm.set(now + patience.of(job, self.options.timeout))
        self.upstream.send(job.line, 1)
        self._for_answer.keep()
        return True

    def since(self, job: Job) -> float:
        """Seconds since `job` was sent; 0 for one that was not."""
        return self._loop.time() - job.began if job.began else 0.0

    def void(self, asker: object) -> None:
        """Nobody waits any longer for the answers to what `asker` has under way."""
        self._same = [job for job in self._same if job.asker is not asker]
        for job in self._under_way:
            job.void = job.void or job.asker is asker
        first = self._under_way[0] if self._under_way else None
        if first is not None and first.void and not self._same and self._talk is None:
            due = self._loop.time() + patience.of(first, self.options.timeout)
            self._alarm.set(min(self._alarm.due, due))

    async def idle(self, seconds: float) -> None:
        """Wait until nothing is left to ask, so long at most."""
        self._idle = self._loop.create_future()
        self._look_idle()
        try:
            async with asyncio.timeout(seconds):
                await self._idle
        except TimeoutError:
            pass

    async def run(self) -> None:
        """Serve until cancelled; what waits then is answered by an error."""
        try:
            await self.upstream.run()
        finally:
            self._alarm.stop()
            self.lease.end()
            if self._talk is not None:
                self._talk.cancel()
                await asyncio.gather(self._talk, return_exceptions=True)
            self._fail_all("the broker ends")

    # What the upstream calls

    def heard(self, line: bytes) -> None:
        """Hand an answer to whoever asked."""
        self._for_answer.met()
        self._finish(self._under_way.popleft(), answers.read(line))

    def go_on(self) -> None:
        """Send what is next."""
        if self._under_way:
            self._alarm.due = self._loop.time() + patience.of(self._under_way[0], self.options.timeout)
        elif self.turns and self._talk is None:
            self._serve()
        else:
            self._for_request.keep()
            if self._idle is not None:
                self._look_idle()

    def lost(self, why: str) -> None:
        """Answer the request that was waited for by an error; those written with it change nothing and wait again."""
        jobs = self._take_under_way()
        for job in reversed(jobs[1:]):
            if not job.void:
                self.turns.put_back(job)
        if jobs:
            self._finish(jobs[0], answers.unreachable(f"{self.name}: {why}"))

    def changed(self) -> None:
        """Serve what waits, or tell it why not."""
        upstream = self.upstream
        if upstream.state is State.UP:
            self.cleaner.try_again()
            if not self._under_way and self._talk is None:
                self._serve()
        elif upstream.state is not State.CONNECTING:
            self._fail_waiting()
        self._tell()

    # Within

    def _look_idle(self) -> None:
        if self._idle is not None and not (self._under_way or self.turns or self._idle.done()):
            self._idle.set_result(None)

    def _serve(self) -> None:
        """Send the next request, or the next few quick ones; answer those that the guest is not asked for."""
        self._serving = True
        try:
            lines = self._take_turns()
        finally:
            self._serving = False
        if lines:
            self._begin(lines)

    def _take_turns(self) -> list[bytes]:
        """Take those to be sent now out of the row."""
        lines: list[bytes] = []
        while len(lines) < BATCH and (job := self.turns.peek()) is not None:
            if lines and not self._may_join(job):
                break
            if not lines and job.request is not None and not self._reachable():
                if self.upstream.state in _REFUSED:
                    continue  # who was told so may have asked for more
                break
            self.turns.take()
            if not lines and self._answered_here(job):
                continue
            self._under_way.append(job)
            if job.name in SILENT or not self.upstream.plain:
                self._talk = self._loop.create_task(self._conversation(job))
                break
            lines.append(job.line)
            if job.name not in QUICK:
                break
        return lines

    def _may_join(self, job: Job) -> bool:
        return job.request is not None and job.name in QUICK and job.asker.refusal(job.request) is None

    def _reachable(self) -> bool:
        """Whether the guest can be asked. When it is silent, all that waits is told so; when it could not be reached,
        that is tried once more first.
        """
        upstream = self.upstream
        if upstream.state is State.DOWN:
            upstream.wake()
        elif upstream.state in _REFUSED:
            self._fail_waiting()
        return upstream.free

    def _answered_here(self, job: Job) -> bool:
        if job.request is None:
            job.asker.answer(job, None)
            return True
        refused = job.asker.refusal(job.request)
        if refused is not None:
            job.asker.answer(job, refused)
        return refused is not None

    def _begin(self, lines: list[bytes]) -> None:
        now = self._loop.time()
        first = self._under_way[0]
        for job in self._under_way:
            job.began = now
        if first.key is not None and self.options.merge:
            self._same += [job for job in self.turns.take_same(first.key) if not self._answered_here(job)]
        self._alarm.set(now + patience.of(first, self.options.timeout))
        self.upstream.send(lines[0] if len(lines) == 1 else b"".join(lines), len(lines))

    def _finish(self, job: Job, answer: Answer | None) -> None:
        if job.name in FREEZES or job.name == THAW:
            self._note_freeze(job, answer)
        job.asker.answer(job, answer)
        if self._same and job.key is not None:
            same, self._same = self._same, []
            for other in same:
                other.asker.answer(other, answer)

    def _note_freeze(self, job: Job, answer: Answer | None) -> None:
        """Begin or end the lease. A freeze that nobody waits for any more, or that may have happened without an
        answer, is undone.
        """
        if answer is None:
            return
        if job.name in FREEZES and (not answer.reached or (job.void and answer.good)):
            self.cleaner.thaw()
        elif self.lease.note(job.name, answer, job.asker.owner, str(job.asker), self.options.lease):
            self._tell()

    def _same_is_under_way(self, job: Job) -> bool:
        if not self._under_way or not self.options.merge or job.key is None:
            return False
        first = self._under_way[0]
        return (
            first.key == job.key
            and self._loop.time() - first.began <= _SAME
            and not self.turns.waiting(job.asker)
            and all(each.asker is not job.asker for each in self._under_way)
            and job.asker.refusal(job.request) is None  # type: ignore[arg-type]
        )

    def _late(self) -> None:
        if self._under_way and self._talk is None:
            self.upstream.lose(f"no answer to {self._under_way[0].name} in time")

    async def _conversation(self, job: Job) -> None:
        job.began = self._loop.time()
        answer = await converse(self.upstream, job, patience.of(job, self.options.timeout))
        self._talk = None
        self._take_under_way()
        self._finish(job, answer)
        self.changed()

    def _take_under_way(self) -> list[Job]:
        jobs = list(self._under_way)
        self._under_way.clear()
        return jobs

    def _fail_waiting(self) -> None:
        self._fail(self.turns.take_all(), f"{self.name}: {self.upstream.state}: {self.upstream.reason}")

    def _fail_all(self, why: str) -> None:
        self._fail([*self._take_under_way(), *self._same, *self.turns.take_all()], f"{self.name}: {why}")
        self._same.clear()

    def _fail(self, jobs: list[Job], why: str) -> None:
        answer = answers.unreachable(why)
        for job in jobs:
            job.asker.answer(job, None if job.request is None else answer)

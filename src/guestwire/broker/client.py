"""One client: a QGA channel of its own, whoever else uses the guest. No I/O: `receive` bytes, `write` bytes."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

from guestwire.broker import rights
from guestwire.broker.belongings import OWNED, Belongings
from guestwire.broker.longtext import STREAMS, LongText
from guestwire.broker.privileges import AUDIT, OF_COMMAND
from guestwire.broker.requests import SYNCS, hidden, line_of, not_found, sync_reply
from guestwire.broker.turns import Job, Priority
from guestwire.wire.agent import AgentProtocol
from guestwire.wire.messages import Fault, Request, StreamData, StreamStart, failure

if TYPE_CHECKING:
    from guestwire.broker.answers import Answer
    from guestwire.broker.audit import AuditLog
    from guestwire.broker.guest import Guest
    from guestwire.broker.owners import Owner
    from guestwire.broker.policy import Grant
    from guestwire.broker.principal import Principal

_READS = frozenset(("guest-file-open", "guest-file-read", "guest-file-seek", "guest-file-close"))

MOST_WAITING = 64
"""Requests of one client that may wait for their turns; of further ones no more than one read is taken."""

MOST_BYTES = 4 << 20
"""The same in bytes."""

RESYNC_PATIENCE = 1.0
"""Seconds that a resync waits for the answers to what its client asked before."""


class Line(Protocol):
    """What a client is connected by."""

    def write(self, data: bytes | memoryview) -> None:
        """Send."""

    def pause(self, paused: bool) -> None:
        """Bring no further bytes until told otherwise."""

    def end(self) -> None:
        """Close, once all is sent."""


class Client:
    """`owner` owns what it makes in the guest; when its connection ends, `leave` gives that up."""

    def __init__(
        self,
        guest: Guest,
        owner: Owner,
        principal: Principal,
        grant: Grant,
        line: Line,
        *,
        priority: Priority = Priority.PERSON,
        audit: AuditLog | None = None,
    ) -> None:
        self.guest = guest
        self.owner = owner
        self.principal = principal
        self.grant = grant
        self.priority = priority
        self._line = line
        self._audit = audit
        self._wire = AgentProtocol(STREAMS)
        self._text = LongText()
        self._belongings = owner.belongings
        self._held: deque[Job] = deque()  # not in the row of turns yet
        self._releasing = False
        self._waiting = 0
        self._bytes = 0
        self._slow = False  # it does not read its answers
        self._paused = False
        self._gone = False
        self._finishing = False

    def receive(self, data: bytes) -> None:
        """Queue what these bytes complete; a resync is answered at once."""
        for event in self._wire.receive(data):
            if type(event) is Request:
                if event.name in SYNCS:
                    self._sync(event)
                else:
                    self._ask(event)
            elif type(event) is StreamStart:
                self._text = LongText()
            elif type(event) is StreamData:
                self._text.add(event.data)
            elif type(event) is Fault:
                self._queue(Job(self, None, ready=failure(event.desc, id=event.id)))

    def slow(self, slow: bool) -> None:
        """It has stopped, or begun again, to read its answers: it gets no further ones meanwhile."""
        self._slow = slow
        if slow:
            self._held.extend(self._take_back())
        self._release()
        self._regulate()

    def leave(self) -> None:
        """It has gone: what it has under way is nobody's now."""
        self._gone = True
        self._held.clear()
        self.guest.turns.drop(self)
        self.guest.void(self)

    def finish(self) -> bool:
        """It will send nothing more; returns whether it waits for answers, after which its connection is to end."""
        self._finishing = True
        return self._waiting > 0 or bool(self._held)

    def refusal(self, request: Request) -> Answer | None:
        """Why the guest is not asked: policy denies it."""
        if not self.grant.unrestricted:
            denial = self.grant.denial(request)
            if denial is not None:
                return denial
        return None

    def answer(self, job: Job, answer: Answer | None) -> None:
        """Send an answer on, with the client's own id."""
        if self._audit is not None and job.request is not None:
            self._note(self._audit, job, answer)
        if job.void:
            self._late(job, answer)
            return
        self._waiting -= 1
        self._bytes -= len(job.line)
        request = job.request
        if request is None:
            self._line.write(b"".join(job.ready or ()))
            job.ready = None
        elif answer is not None:
            if job.foreign is not None:
                answer = not_found(answer, job.foreign)
            elif request.name in OWNED:
                self._belongings.note(request, answer)
            elif request.name == rights.COMMAND and not self.grant.unrestricted:
                answer = rights.shown(answer, self.grant)
            answer.send(self._line.write, request.id)
        if self._held:
            self._release()
        elif self._paused:
            self._regulate()
        if self._finishing and not self._waiting and not self._held:
            self._line.end()

    def _ask(self, request: Request) -> None:
        foreign = self._belongings.foreign(request) if request.name in OWNED else None
        told = request if foreign is None else hidden(request, foreign[0])
        try:
            line = line_of(told) if request.streamed is None else self._text.line(told)
        except ValueError as error:
            self._queue(Job(self, None, ready=failure(str(error), id=request.id)))
            return
        job = Job(self, request, line)
        if request.streamed is not None:
            job.long = self._text.size
        if foreign is not None:
            job.foreign = foreign[1]
        self._queue(job)

    def _queue(self, job: Job) -> None:
        """Let `job` wait for its turn, or first for the client to take the answers that it has coming."""
        self._held.append(job)
        self._release()

    def _release(self) -> None:
        """Let those wait for their turns that may. What is answered on the spot does not lead in here again."""
        if self._releasing:
            return
        self._releasing = True
        while self._held and not self._slow and self._waiting < MOST_WAITING and self._bytes <= MOST_BYTES:
            job = self._held.popleft()
            self._waiting += 1
            self._bytes += len(job.line)
            self.guest.submit(job)
        self._releasing = False
        if self._paused or self._held:
            self._regulate()

    def _take_back(self) -> list[Job]:
        """All that has not been sent, out of the row."""
        jobs = self.guest.turns.drop(self)
        self._waiting -= len(jobs)
        self._bytes -= sum(len(job.line) for job in jobs)
        jobs += self._held
        self._held.clear()
        return jobs

    def _sync(self, request: Request) -> None:
        """The answer has its place behind what was asked before, as an agent's has; but not for long: a client that
        resyncs has mostly given that up.
        """
        reply = sync_reply(request)
        if self._waiting or self._held:
            job = Job(self, None, ready=reply)
            self._queue(job)
            self.guest.call_later(RESYNC_PATIENCE, self._overdue, job)
        else:
            self._line.write(b"".join(reply))

    def _overdue(self, sync: Job) -> None:
        """Answer `sync` now: what was asked before it is void."""
        if sync.ready is None or self._gone:
            return
        jobs = self._take_back()
        end = jobs.index(sync) + 1 if sync in jobs else 0
        self.guest.void(self)
        self._waiting = self._bytes = 0
        for job in jobs[:end]:
            if job.request is None and job.ready is not None and b'"return"' in b"".join(job.ready):
                self._line.write(b"".join(job.ready))
                job.ready = None
        self._held.extend(jobs[end:])
        self._release()

    def _late(self, job: Job, answer: Answer | None) -> None:
        """A late answer: what it made belongs to nobody. What it ended is ended all the same."""
        if job.name not in OWNED or job.request is None or answer is None:
            return
        made = Belongings()
        made.note(job.request, answer)
        if made:
            self.guest.cleaner.clean(made.farewell())
        else:
            self._belongings.note(job.request, answer)

    def _note(self, audit: AuditLog, job: Job, answer: Answer | None) -> None:
        """Into the audit log; not what a poll has merely read, which would be most of it."""
        assert job.request is not None
        read = OF_COMMAND.get(job.name) == AUDIT or job.name in _READS
        if not (read and self.priority is Priority.POLL):
            seconds = self.guest.since(job)
            audit.call(self.principal, self.guest.name, job.request, answer, seconds, long=job.long)

    def _regulate(self) -> None:
        if self._gone:
            return
        pause = self._slow or bool(self._held) or self._bytes > MOST_BYTES
        if pause != self._paused:
            self._paused = pause
            self._line.pause(pause)

    def __str__(self) -> str:
        return str(self.principal)

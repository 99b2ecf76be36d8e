"""One client: a QGA channel of its own, whoever else uses the guest. No I/O: `receive` bytes, `write` bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from guestwire.broker import answers
from guestwire.broker.belongings import OWNED, Belongings
from guestwire.broker.privileges import AUDIT, OF_COMMAND
from guestwire.broker.requests import line_of
from guestwire.broker.turns import Job, Priority
from guestwire.wire.agent import AgentProtocol
from guestwire.wire.messages import NO_ID, Request, failure, success

if TYPE_CHECKING:
    from guestwire.broker.answers import Answer
    from guestwire.broker.audit import AuditLog
    from guestwire.broker.guest import Guest
    from guestwire.broker.owners import Owner
    from guestwire.broker.policy import Grant
    from guestwire.broker.principal import Principal

_READS = frozenset(("guest-file-open", "guest-file-read", "guest-file-seek", "guest-file-close"))

MOST_WAITING = 64
"""Requests of one client that may wait; further ones stay in its socket."""

MOST_BYTES = 4 << 20
"""The same in bytes."""

_SYNCS = ("guest-sync", "guest-sync-delimited")


class Line(Protocol):
    """What a client is connected by."""

    def write(self, data: bytes | memoryview) -> None:
        """Send."""

    def pause(self, paused: bool) -> None:
        """Bring no further bytes until told otherwise."""


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
        self._wire = AgentProtocol()
        self._belongings = owner.belongings
        self._waiting = 0
        self._bytes = 0
        self._slow = False  # it does not read its answers
        self._paused = False
        self._gone = False

    def receive(self, data: bytes) -> None:
        """Queue what these bytes complete; a resync is answered at once."""
        for event in self._wire.receive(data):
            if type(event) is not Request:
                desc = getattr(event, "desc", "")
                self._queue(Job(self, None, ready=failure(desc, id=getattr(event, "id", NO_ID))))
            elif event.name in _SYNCS:
                self._sync(event)
            else:
                self._ask(event)

    def slow(self, slow: bool) -> None:
        """It has stopped, or begun again, to read its answers: it gets no further ones meanwhile."""
        self._slow = slow
        self._regulate()

    def leave(self) -> None:
        """It has gone: what it has under way is nobody's now."""
        self._gone = True
        self.guest.turns.drop(self)
        self.guest.void(self)

    def refusal(self, request: Request) -> Answer | None:
        """Why the guest is not asked: policy denies it, or the file or program is another's."""
        if not self.grant.unrestricted:
            denial = self.grant.denial(request)
            if denial is not None:
                return denial
        if request.name in OWNED:
            desc = self._belongings.refusal(request)
            if desc is not None:
                return answers.refusal(desc)
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
        elif answer is not None:
            if request.name in OWNED:
                self._belongings.note(request, answer)
            answer.send(self._line.write, request.id)
        if self._paused:
            self._regulate()

    def _ask(self, request: Request) -> None:
        try:
            self._queue(Job(self, request, line_of(request)))
        except ValueError as error:
            self._queue(Job(self, None, ready=failure(str(error), id=request.id)))

    def _queue(self, job: Job) -> None:
        self._waiting += 1
        self._bytes += len(job.line)
        self.guest.submit(job)
        if self._waiting >= MOST_WAITING or self._bytes > MOST_BYTES:
            self._regulate()

    def _sync(self, request: Request) -> None:
        """The client has given up whatever it asked before: only its resync is answered."""
        if self._waiting:
            self.guest.turns.drop(self)
            self.guest.void(self)
            self._waiting = self._bytes = 0
            self._regulate()
        arguments = request.arguments or {}
        value = arguments.get("id")
        if type(value) is not int or set(arguments) != {"id"}:
            reply = failure("Invalid parameter type for 'id', expected: integer", id=request.id)
        else:
            reply = success(value, request.id)
            if request.name == "guest-sync-delimited":
                reply = [b"\xff", *reply]
        self._line.write(b"".join(reply))

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
            audit.call(self.principal, self.guest.name, job.request, answer, self.guest.since(job))

    def _regulate(self) -> None:
        if self._gone:
            return
        pause = self._slow or self._waiting >= MOST_WAITING or self._bytes > MOST_BYTES
        if pause != self._paused:
            self._paused = pause
            self._line.pause(pause)

    def __str__(self) -> str:
        return str(self.principal)

"""Many requests of one kind; two under way where the agent can take them, so that neither end waits for the other.

QEMU's own agent cannot: on a serial channel it loses an answer when bytes of the next request are there already (its
I/O library then tries to move the position of a device that has none, "Illegal seek"). So only an agent that has
`guestwire-info` gets two.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from msgspec import Struct

from guestwire.client.effects import Local, Write
from guestwire.client.flows import answer, execute, guard, named
from guestwire.errors import CommandError, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from guestwire.client.codec import Command
    from guestwire.client.effects import Flow
    from guestwire.client.session import Session

T = TypeVar("T")

DEPTH = 2
BURST = 16  # requests before the channel is offered to others
LONG_BURST = 64  # where two are under way, since a burst ends with nothing under way


class LocalTrouble(Exception):
    """Carries an error of this host's side (its disk, its callbacks) past the handling of channel errors."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class Job(Struct, Generic[T]):
    """What to send and what to do with the answers.

    `produce` gives a request, or None at the end, and may take its time; `consume` takes an answer and says whether to
    go on. Both run while the guest works on the next request. `timeout` is for each answer, in seconds, None for the
    session's.
    """

    command: Command[T]
    produce: Callable[[], bytes | None]
    consume: Callable[[T], bool]
    timeout: float | None = None


def pipeline(session: Session, job: Job[Any]) -> Flow[None]:
    """Do the whole job. An error answer ends it, but requests that were under way are still executed."""
    began = session.clock()
    burst = 1  # most files fit into one request
    while True:
        try:
            more = yield from guard(session, job.command.name, job.timeout, _burst, job, burst)
        except LocalTrouble as trouble:
            error = trouble.error
            if (
                isinstance(error, ProtocolError) and error.command is None
            ):  # what was read is not what was asked for
                raise named(session, error, job.command.name, began) from None
            raise error from None
        if not more:
            return
        if session.overlap is None:
            session.overlap = yield from _takes_two(session)
        burst = LONG_BURST if session.overlap else BURST


def _takes_two(session: Session) -> Flow[bool]:
    """Whether the agent is one of ours."""
    try:
        yield from execute(session, "guestwire-info")
    except CommandError:
        return False
    return True


def _burst(session: Session, deadline: float, job: Job[Any], burst: int) -> Flow[bool]:
    depth = DEPTH if session.overlap else 1
    under_way = started = 0
    more = True
    while True:
        while more and under_way < depth and started < burst:
            request = yield from _locally(job.produce)
            if request is None:
                more = False
                break
            deadline = session.deadline(
                job.timeout
            )  # `produce` may have waited for a person; the guest has not
            session.protocol.sent()
            yield Write(request, deadline)
            under_way, started = under_way + 1, started + 1
        if not under_way:
            return more
        try:
            result = yield from answer(session, job.command, deadline)
        except CommandError:
            yield from _skip(session, job.command, under_way - 1, deadline)
            raise
        under_way -= 1
        deadline = session.deadline(job.timeout)
        if not (yield from _locally(partial(job.consume, result))):
            yield from _skip(session, job.command, under_way, deadline)
            return False


def _skip(session: Session, command: Command[Any], count: int, deadline: float) -> Flow[None]:
    """Read the answers of requests that nobody cares about any more."""
    for _ in range(count):
        try:
            yield from answer(session, command, deadline)
        except CommandError:
            pass


def _locally(work: Callable[[], Any]) -> Flow[Any]:
    try:
        return (yield Local(work))
    except Exception as error:
        raise LocalTrouble(error) from None

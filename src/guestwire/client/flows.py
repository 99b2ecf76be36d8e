"""The conversations that all others are made of: open, resync, one command and its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from guestwire.client.codec import Command
from guestwire.client.effects import Close, Exchange, Flow, Open, Read, Sleep, Turn, Write
from guestwire.errors import ChannelClosed, CommandError, ConversationError, GuestTimeout
from guestwire.wire.client import CLOSED, READY, SYNCING

if TYPE_CHECKING:
    from collections.abc import Callable

    from guestwire.client.session import Session

T = TypeVar("T")

FIRST_RESEND = 1.0
"""Seconds after which an unanswered resync is sent again, doubled each time: a channel whose guest end was not open
yet may have lost it."""

SILENCE = 3.0
"""Seconds without an answer that mean success for a command that answers only when it fails."""

SILENT = frozenset(("guest-shutdown", "guest-suspend-disk", "guest-suspend-ram", "guest-suspend-hybrid"))
"""Commands that answer only when they fail."""

_FIRST_RETRY = 0.01  # of opening, while others keep the other end busy; seconds
_LAST_RETRY = 0.5


def ask(session: Session, command: Command[T], request: bytes, timeout: float | None = None) -> Flow[T]:
    """Send one request and return the value of its answer; the whole of it within `timeout` seconds.

    This is `guard` around `_exchange`, written out for a channel that is free and in step: every microsecond between
    an answer and the next request is one in which the agent falls deeper asleep.
    """
    protocol, turn = session.protocol, session.turn
    if protocol.state is not READY or not turn.acquire(False):
        value: T = yield from guard(session, command.name, timeout, _exchange, command, request)
        return value
    began = session.clock()
    deadline = began + (session.timeout if timeout is None else timeout)
    try:
        protocol.outstanding += 1
        line = protocol.receive((yield Exchange(request, deadline)))
        while line is None:
            line = protocol.receive((yield Read(deadline)))
        return command.decode(line)
    except BaseException as error:
        yield from _settle(session, error)
        raise named(session, error, command.name, began) from None
    finally:
        turn.release()


def execute(
    session: Session, name: str, arguments: dict[str, Any] | None = None, *, timeout: float | None = None
) -> Flow[Any]:
    """Execute any command by its wire name, with arguments as plain values; returns the answer as plain values.

    Raises `CommandError` for an error answer, `ConversationError` when there is none.
    """
    command: Command[Any] = Command(name, silent=name in SILENT)
    request = command.encode(arguments or {})
    return (ask_silent if command.silent else ask)(session, command, request, timeout)


def ask_silent(
    session: Session, command: Command[None], request: bytes, timeout: float | None = None
) -> Flow[None]:
    """Send a command that answers only when it fails: silence for `timeout` (`SILENCE`) seconds is success.

    So is a channel that closes meanwhile. The agent is asked for a sign of life before: the silence of a dead agent
    would look the same.
    """
    return guard(session, command.name, None, _exchange_silent, command, request, timeout, fresh=True)


def guard(
    session: Session,
    name: str,
    timeout: float | None,
    inner: Callable[..., Flow[T]],
    *args: Any,
    fresh: bool = False,
) -> Flow[T]:
    """Run `inner(session, deadline, *args)` with the channel to itself and in step; name the guest in its errors.

    What ends otherwise than by an answer leaves the channel stale or closed, so that the next call begins with a
    resync and late answers are thrown away. `fresh` resyncs in any case.
    """
    began = session.clock()
    deadline = began + (session.timeout if timeout is None else timeout)
    try:
        if not session.turn.acquire(False):
            yield Turn(deadline)
        try:
            if session.protocol.state != READY or fresh:
                yield from ready(session, deadline)
            return (yield from inner(session, deadline, *args))
        except BaseException as error:
            yield from _settle(session, error)
            raise
        finally:
            session.turn.release()
    except (OSError, ConversationError, CommandError) as error:
        raise named(session, error, name, began) from None


def _settle(session: Session, error: BaseException) -> Flow[None]:
    """Leave the channel as an exchange that ended so must leave it: in step, closed, or stale."""
    if isinstance(error, OSError) and not isinstance(error, TimeoutError):
        yield from hang_up(session)
    elif not isinstance(error, CommandError):
        session.protocol.abandon()


def _exchange(session: Session, deadline: float, command: Command[T], request: bytes) -> Flow[T]:
    session.protocol.sent()
    yield Write(request, deadline)
    return (yield from answer(session, command, deadline))


def _exchange_silent(
    session: Session, deadline: float, command: Command[None], request: bytes, silence: float | None
) -> Flow[None]:
    session.protocol.sent()
    yield Write(request, deadline)
    try:
        yield from answer(session, command, session.clock() + (SILENCE if silence is None else silence))
    except TimeoutError:
        session.protocol.abandon()
    except OSError:
        yield from hang_up(session)


def answer(session: Session, command: Command[T], deadline: float) -> Flow[T]:
    """Read on until the answer to the oldest request is there."""
    protocol = session.protocol
    line = protocol.next_reply()
    while line is None:
        line = protocol.receive((yield Read(deadline)))
    return command.decode(line)


def ready(session: Session, deadline: float) -> Flow[None]:
    """Open where needed, and resync: a request may be sent then. The caller holds the turn."""
    if session.protocol.state == CLOSED:
        yield from connect(session, deadline)
    session.protocol.abandon()
    session.overlap = None  # another agent may have taken the channel
    yield from resync(session, deadline)


def connect(session: Session, deadline: float) -> Flow[None]:
    """Open the channel, waiting for the other end while it is busy with other clients."""
    pause = _FIRST_RETRY
    while True:
        try:
            yield Open(deadline)
        except BlockingIOError:
            left = deadline - session.clock()
            if left <= 0:
                raise TimeoutError("busy with another client") from None
            yield Sleep(min(pause, left))
            pause = min(2 * pause, _LAST_RETRY)
        else:
            session.protocol.opened()
            return


def resync(session: Session, deadline: float) -> Flow[None]:
    """The handshake: throw away what earlier calls and clients left, until our own fresh id comes back."""
    protocol = session.protocol
    pause = FIRST_RESEND
    while protocol.state != READY:
        yield Write(protocol.sync(session.new_id()), deadline)
        way = protocol.sync_way
        resend = min(deadline, session.clock() + pause)
        try:
            while protocol.state == SYNCING and protocol.sync_way == way:
                protocol.receive((yield Read(resend)))
        except TimeoutError:
            if resend >= deadline:
                raise TimeoutError(_why_silent(session)) from None
            pause *= 2


def hang_up(session: Session) -> Flow[None]:
    """Close the channel; the next call opens it anew."""
    session.protocol.closed()
    yield Close()


def _why_silent(session: Session) -> str:
    if session.waiting_behind():
        return "busy with another client: our connection has not been accepted"
    return "connected, but the agent is silent (not running, stopped, or frozen in a long command)"


def named(session: Session, error: BaseException, command: str, began: float) -> BaseException:
    """The error as the caller shall see it: which guest, which command, how long it took. Others stay as they are."""
    waited = session.clock() - began
    if isinstance(error, (CommandError, ConversationError)):
        error.guest, error.command, error.waited = session.guest, command, waited
        return error
    if isinstance(error, TimeoutError):
        reason = str(error) or "no answer in time"
        return GuestTimeout(reason, guest=session.guest, command=command, waited=waited)
    if isinstance(error, OSError):
        return ChannelClosed(describe(error), guest=session.guest, command=command, waited=waited)
    return error


def describe(error: Exception) -> str:
    """One line for why a channel could not be opened or was lost."""
    if isinstance(error, FileNotFoundError):
        return "no socket: the guest is not running, or has no agent channel there"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens on the socket"
    if isinstance(error, PermissionError):
        return "no permission to use the socket"
    return getattr(error, "strerror", None) or str(error) or "the channel was closed"

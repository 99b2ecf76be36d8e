"""Freeze the guest's filesystems, and thaw them whatever happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guestwire.client.effects import Sleep
from guestwire.client.flows import ask
from guestwire.client.recipes.commands import FREEZE, FREEZE_LIST, PING, THAW
from guestwire.errors import CommandError, CommandNotFound, ConversationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from guestwire.client.effects import Flow
    from guestwire.client.session import Session

FREEZE_TIMEOUT = 60.0
THAW_TIMEOUT = 180.0

_FIRST_RETRY = 0.1
_LAST_RETRY = 2.0
_MOST_REFUSALS = 5  # in a row: what makes a thaw fail for a moment is over by then


def reach(session: Session) -> Flow[None]:
    """Find out that the agent answers. A freeze that was never sent to anybody needs no thaw, and no patience for one.

    Raises `ConversationError` when it does not.
    """
    try:
        yield from ask(session, PING, PING.request)
    except CommandError:
        return  # it forbids this, and has answered


def freeze(
    session: Session, mountpoints: Sequence[str] | None = None, *, timeout: float = FREEZE_TIMEOUT
) -> Flow[int]:
    """Freeze all filesystems, or those mounted at `mountpoints`; returns how many are frozen.

    Raises `CommandError` when the agent refuses: nothing is frozen by this call then. After any other error the
    filesystems may be frozen, and must be thawed; `frozen()` sees to all that.
    """
    if mountpoints is None:
        return (yield from ask(session, FREEZE, FREEZE.request, timeout))
    request = FREEZE_LIST.encode({"mountpoints": list(mountpoints)})
    return (yield from ask(session, FREEZE_LIST, request, timeout))


def thaw(session: Session, *, timeout: float = THAW_TIMEOUT) -> Flow[int]:
    """Thaw all filesystems; returns how many were frozen. Tries anew until the agent answers or time is up.

    An agent that is stuck in a freeze reads nothing before that is over: a time-out there means wait, not give up. One
    that answers by an error is asked five times, unless it has no such command or forbids it.
    """
    deadline = session.clock() + timeout
    pause, refusals = _FIRST_RETRY, 0
    while True:
        try:
            return (yield from ask(session, THAW, THAW.request, max(deadline - session.clock(), 0)))
        except CommandNotFound:
            raise
        except (CommandError, ConversationError) as error:
            refusals = refusals + 1 if isinstance(error, CommandError) else 0
            left = deadline - session.clock()
            if left <= 0 or refusals == _MOST_REFUSALS:
                raise
            yield Sleep(min(pause, left))
            pause = min(2 * pause, _LAST_RETRY)

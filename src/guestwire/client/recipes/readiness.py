"""Wait until the agent answers, and say why it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guestwire.client.effects import Sleep
from guestwire.client.flows import ask
from guestwire.client.recipes.commands import INFO
from guestwire.errors import CommandDisabled, CommandError, CommandNotFound, ConversationError, GuestTimeout

if TYPE_CHECKING:
    from collections.abc import Iterable

    from guestwire.client.effects import Flow
    from guestwire.client.recipes.commands import Ability
    from guestwire.client.session import Session

_ONE_TRY = 5.0
_FIRST_RETRY = 0.05
_LAST_RETRY = 1.0


def wait_ready(session: Session, *, needs: Iterable[str] = (), timeout: float = 60.0) -> Flow[frozenset[str]]:
    """Wait until the agent answers; returns the commands that it allows.

    `needs` are wire names, such as "guest-exec". One that the agent lacks raises `CommandNotFound`, one that its
    policy or a freeze forbids raises `CommandDisabled`, both at once: waiting does not cure them. When time is up,
    `GuestTimeout` says what is wrong: no socket, nothing listens, connected but silent, or busy with another client.
    An agent that forbids guest-info counts as ready; the result is empty then.
    """
    began = session.clock()
    deadline = began + timeout
    pause = _FIRST_RETRY
    while True:
        try:
            info = yield from ask(session, INFO, INFO.request, min(_ONE_TRY, deadline - session.clock()))
        except CommandError:
            return frozenset()
        except ConversationError as error:
            left = deadline - session.clock()
            if left <= 0:
                waited = session.clock() - began
                raise GuestTimeout(f"not ready: {error.reason}", guest=session.guest, waited=waited) from None
            yield Sleep(min(pause, left))
            pause = min(2 * pause, _LAST_RETRY)
        else:
            _check(session, info.supported_commands, needs)
            return frozenset(each.name for each in info.supported_commands if each.enabled)


def _check(session: Session, known: list[Ability], needs: Iterable[str]) -> None:
    enabled = {each.name: each.enabled for each in known}
    for name in needs:
        if name not in enabled:
            raise CommandNotFound("the agent does not have this command", guest=session.guest, command=name)
        if not enabled[name]:
            raise CommandDisabled(
                "blocked by the agent's policy, or frozen", guest=session.guest, command=name
            )

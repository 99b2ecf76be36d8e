"""How work reaches a guest: a client of its own for each request, and a guest's troubles as HTTP's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from guestwire.errors import (
    ChannelClosed,
    CommandDisabled,
    CommandError,
    CommandNotFound,
    ConfigError,
    GuestTimeout,
    GuestwireError,
)
from guestwire.monitor.samples import clean_text
from guestwire.monitor.targets import GuestState
from guestwire.web.problems import Problem
from guestwire.web.routes import param

if TYPE_CHECKING:
    from guestwire.client import AsyncGuestAgent
    from guestwire.monitor.targets import Target
    from guestwire.web.routes import Call, Caller

Reach = Callable[["Target", "Caller"], "AsyncGuestAgent"]
"""Makes a client of a guest on somebody's behalf; the daemon's goes through the broker."""

_DETAIL = 500  # characters of a guest's words


@asynccontextmanager
async def reached(call: Call) -> AsyncIterator[AsyncGuestAgent]:
    """A client of the guest that the path names, on the caller's behalf. Errors become problems."""
    target = call.site.find(param(call, "guest"))
    async with agent_of(call, target) as agent:
        yield agent


@asynccontextmanager
async def agent_of(call: Call, target: Target) -> AsyncIterator[AsyncGuestAgent]:
    """A client of a guest that runs."""
    agent = begin(call, target)
    try:
        yield agent
    except GuestwireError as error:
        raise problem_of(error) from None
    finally:
        await agent.close()


def begin(call: Call, target: Target) -> AsyncGuestAgent:
    """A client that the caller must close. Raises Problem."""
    if target.state is not GuestState.RUNNING:
        raise Problem(409, f"the guest is {target.state.value}")
    if call.site.reach is None or call.caller is None:
        raise Problem(503, "this daemon has no way to work on guests")
    return call.site.reach(target, call.caller)


def problem_of(error: GuestwireError) -> Problem:
    """The HTTP answer that says what a guest, its agent or the broker said."""
    text = clean_text(str(error), _DETAIL)
    if "denied by the broker" in text:
        return Problem(403, text)
    if isinstance(error, CommandDisabled | CommandNotFound | ChannelClosed):
        return Problem(409, text)
    if isinstance(error, GuestTimeout):
        return Problem(504, text)
    if isinstance(error, ConfigError):
        return Problem(503, text)
    if isinstance(error, CommandError) and "No such file or directory" in text:
        return Problem(404, text)
    return Problem(502, text)

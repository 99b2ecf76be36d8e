"""Filesystems frozen from a page: held by a lease that thaws when its time is over, whatever became of the page."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta, Struct

from guestwire.errors import GuestwireError
from guestwire.web.problems import Problem
from guestwire.web.routes import Call, param
from guestwire.web.work.reach import agent_of, begin, problem_of

if TYPE_CHECKING:
    from guestwire.client import AsyncGuestAgent

_log = logging.getLogger(__name__)


class NewFreeze(Struct, forbid_unknown_fields=True):
    """All filesystems, or those at `mountpoints`; thawed after `lease_seconds` at the latest."""

    lease_seconds: Annotated[float, Meta(ge=1, le=600)] = 60.0
    mountpoints: (
        Annotated[list[Annotated[str, Meta(max_length=4096)]], Meta(min_length=1, max_length=100)] | None
    ) = None


class Nothing(Struct, forbid_unknown_fields=True):
    """An empty object."""


class Lease(Struct):
    """Who holds a freeze, and until when."""

    owner: str
    ends_at: float


class Frozen(Struct):
    """How many filesystems are frozen."""

    frozen: int
    lease: Lease


class Thawed(Struct):
    """How many filesystems were frozen."""

    thawed: int


class FreezeState(Struct):
    """Whether filesystems are frozen; `lease` only for a freeze that came from here."""

    status: Literal["thawed", "frozen"]
    lease: Lease | None


@dataclass(slots=True)
class Held:
    """A freeze, and the client whose connection it belongs to."""

    agent: AsyncGuestAgent
    lease: Lease
    timer: asyncio.Task[None] | None = None


class Freezes:
    """The freezes held here, by the guest's identity."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}

    def lease(self, identity: str) -> Lease | None:
        """The lease of a guest's freeze."""
        held = self._held.get(identity)
        return held.lease if held else None

    def hold(self, identity: str, agent: AsyncGuestAgent, lease: Lease) -> None:
        """Keep a freeze until its time is over."""
        held = Held(agent, lease)
        self._held[identity] = held
        held.timer = asyncio.ensure_future(self._expire(identity, lease.ends_at - time.time()))

    async def _expire(self, identity: str, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))
        held = self._held.pop(identity, None)
        if held is not None:
            _log.warning("the lease of %r on guest %r is over: thawing", held.lease.owner, identity)
            await _thaw(held.agent)

    async def release(self, identity: str) -> int | None:
        """Thaw and let go; None when nothing is held. Raises GuestwireError, and the freeze is still held then."""
        held = self._held.get(identity)
        if held is None:
            return None
        thawed = await held.agent.thaw()
        self._held.pop(identity, None)
        if held.timer is not None:
            held.timer.cancel()
        await held.agent.close()
        return thawed

    async def close(self) -> None:
        """The daemon ends: nothing stays frozen."""
        held, self._held = list(self._held.values()), {}
        for one in held:
            if one.timer is not None:
                one.timer.cancel()
        await asyncio.gather(*[_thaw(one.agent, 10.0) for one in held])


async def _thaw(agent: AsyncGuestAgent, timeout: float = 180.0) -> None:
    with suppress(GuestwireError):
        await agent.thaw(timeout=timeout)
    await agent.close()


async def freeze(call: Call) -> Frozen:
    """Freeze a guest's filesystems, for a while."""
    asked: NewFreeze = call.body
    target = call.site.find(param(call, "guest"))
    if call.site.freezes.lease(target.identity):
        raise Problem(409, "its filesystems are frozen from here already; thaw them first")
    agent = begin(call, target)
    ends = time.time() + asked.lease_seconds
    try:
        count = await agent.freeze(asked.mountpoints)
    except GuestwireError as error:
        await agent.close()
        raise problem_of(error) from None
    except BaseException:
        await _thaw(agent)  # whoever asked has gone, and nobody else will
        raise
    lease = Lease(call.who, ends)
    call.site.freezes.hold(target.identity, agent, lease)
    return Frozen(count, lease)


async def thaw(call: Call) -> Thawed:
    """Thaw a guest's filesystems, whoever froze them."""
    target = call.site.find(param(call, "guest"))
    try:
        thawed = await call.site.freezes.release(target.identity)
    except GuestwireError as error:
        raise problem_of(error) from None
    if thawed is None:
        async with agent_of(call, target) as agent:
            thawed = await agent.thaw(timeout=60.0)
    return Thawed(thawed)


async def freeze_state(call: Call) -> FreezeState:
    """Whether a guest's filesystems are frozen, and by whose lease."""
    target = call.site.find(param(call, "guest"))
    async with agent_of(call, target) as agent:
        status = await agent.guest_fsfreeze_status()
    frozen: Literal["thawed", "frozen"] = "frozen" if status == "frozen" else "thawed"
    return FreezeState(frozen, call.site.freezes.lease(target.identity))

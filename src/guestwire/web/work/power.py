"""Power, clock and trim. What ends a guest's work must name the guest."""

from __future__ import annotations

import time
from typing import Annotated, Literal

from msgspec import Meta, Struct

from guestwire.errors import GuestwireError
from guestwire.web.problems import Problem
from guestwire.web.routes import Call, param
from guestwire.web.work.reach import agent_of, reached

TRIM_TIMEOUT = 600.0


class Shutdown(Struct, forbid_unknown_fields=True):
    """`confirm` is the guest's name."""

    confirm: Annotated[str, Meta(max_length=256)]
    mode: Literal["powerdown", "reboot", "halt"] = "powerdown"


class Suspend(Struct, forbid_unknown_fields=True):
    """`confirm` is the guest's name."""

    confirm: Annotated[str, Meta(max_length=256)]
    mode: Literal["ram", "disk", "hybrid"] = "ram"


class Asked(Struct):
    """The guest was asked; agents do not answer what ends them."""

    asked: bool


class SetTime(Struct, forbid_unknown_fields=True):
    """Seconds since the epoch; null is the host's time."""

    time: Annotated[float, Meta(ge=0, le=9e9)] | None = None


class ClockNow(Struct):
    """The guest's clock minus the host's, afterwards; null if it cannot be asked."""

    offset_seconds: float | None


class Trim(Struct, forbid_unknown_fields=True):
    """Free stretches of at least so many bytes."""

    minimum_bytes: Annotated[float, Meta(ge=0, le=1 << 40)] = 0


class Trimmed(Struct):
    """What became of one filesystem."""

    path: str
    trimmed_bytes: int | None
    minimum_bytes: int | None
    error: str | None


class TrimResult(Struct):
    """One entry a filesystem."""

    paths: list[Trimmed]


async def shutdown(call: Call) -> Asked:
    """Power off, reboot or halt a guest."""
    target = call.site.find(param(call, "guest"))
    _confirmed(call.body.confirm, target.name)
    async with agent_of(call, target) as agent:
        await agent.guest_shutdown(call.body.mode)
    return Asked(True)


async def suspend(call: Call) -> Asked:
    """Suspend a guest to memory, to disk or to both."""
    target = call.site.find(param(call, "guest"))
    _confirmed(call.body.confirm, target.name)
    async with agent_of(call, target) as agent:
        suspends = {
            "ram": agent.guest_suspend_ram,
            "disk": agent.guest_suspend_disk,
            "hybrid": agent.guest_suspend_hybrid,
        }
        await suspends[call.body.mode]()
    return Asked(True)


async def set_time(call: Call) -> ClockNow:
    """Set a guest's clock."""
    asked: SetTime = call.body
    async with reached(call) as agent:
        await agent.guest_set_time(round((time.time() if asked.time is None else asked.time) * 1e9))
        try:
            before = time.time()
            told = await agent.guest_get_time()
        except GuestwireError:
            return ClockNow(None)
        return ClockNow(round(told / 1e9 - (before + time.time()) / 2, 6))


async def trim(call: Call) -> TrimResult:
    """Tell a guest's disks what is free."""
    async with reached(call) as agent:
        told = await agent.guest_fstrim(round(call.body.minimum_bytes) or None, timeout=TRIM_TIMEOUT)
    return TrimResult([Trimmed(one.path, one.trimmed, one.minimum, one.error) for one in told.paths])


def _confirmed(given: str, name: str) -> None:
    if given != name:
        raise Problem(422, "confirm must be the guest's name", where="confirm")

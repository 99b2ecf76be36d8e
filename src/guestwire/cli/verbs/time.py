"""`guestwire time`: the guest's clock beside the host's, and setting it right."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from guestwire.cli import many, options
from guestwire.cli.output import Pairs, Styled, human_seconds
from guestwire.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from guestwire.cli.options import Common
    from guestwire.client import GuestAgent

NOW = "now"
SAMPLES = 5
"""Round trips; the quickest tells the difference best."""

NOTABLE = 1.0
"""Seconds of drift that are shown in colour."""

SECOND = 1_000_000_000


class Clocks(Struct):
    """Both clocks at one moment, in nanoseconds since 1970 UTC; `drift` is how far the guest's is ahead, in seconds.

    The guest read its clock at an unknown moment of the round trip, so the drift may be wrong by `uncertainty`.
    """

    guest_time: int
    host_time: int
    drift: float
    uncertainty: float
    done: str | None = None


@click.command
@options.guests
@click.option(
    "--set",
    "moment",
    is_flag=False,
    flag_value=NOW,
    metavar="[TIME]",
    help="Set the guest's clock: `now` (the host's clock, the default), ISO 8601, or seconds since 1970.",
)
@click.option(
    "--sync", is_flag=True, help="Set the guest's clock by its hardware clock, which the host keeps."
)
@options.common
def command(guests: tuple[str, ...], moment: str | None, sync: bool, common: Common) -> int:
    """Show the guest's clock and how far it is off the host's; set it first, if asked to."""
    if moment is not None and sync:
        raise click.UsageError("--set and --sync exclude each other.")
    wanted = None if moment is None else read_moment(moment)

    def work(agent: GuestAgent) -> Clocks:
        if wanted is not None:
            agent.guest_set_time(wanted(), timeout=common.timeout)
        elif sync:
            agent.guest_set_time(timeout=common.timeout)
        clocks = compare(agent)
        clocks.done = "set" if wanted else "synced" if sync else None
        return clocks

    return many.each(guests, common, work, show)


def compare(agent: GuestAgent, clock: Callable[[], int] = time.time_ns) -> Clocks:
    """Ask for the guest's time several times, and keep the quickest answer."""
    best: tuple[int, int, int] | None = None
    for _ in range(SAMPLES):
        before = clock()
        guest = agent.guest_get_time()
        if not -(2**63) <= guest < 2**63:
            raise ProtocolError("a time that no clock can show", guest=agent.session.guest)
        took = max(clock() - before, 0)
        if best is None or took < best[0]:
            best = took, guest, before + took // 2
    assert best is not None
    took, guest, host = best
    return Clocks(guest, host, (guest - host) / SECOND, took / 2 / SECOND)


def read_moment(text: str) -> Callable[[], int]:
    """A function that gives the moment in nanoseconds since 1970. Raises `UsageError` for what is none."""
    if text == NOW:
        return time.time_ns
    try:
        moment = round(float(text) * SECOND)
    except (ValueError, OverflowError):
        try:
            moment = round(datetime.fromisoformat(text).astimezone().timestamp()) * SECOND
        except (ValueError, OverflowError):
            raise click.UsageError(
                f"{text!r} is no time: write now, seconds since 1970, or 2026-01-31T12:00:00Z."
                " Without a time, --set stands behind the guests."
            ) from None
    return lambda: moment


def show(clocks: Clocks) -> Pairs:
    """For people, in UTC."""
    drift, unsure = clocks.drift, clocks.uncertainty
    if abs(drift) <= unsure:
        words = f"none that can be measured (± {_duration(unsure)})"
    else:
        side = "ahead" if drift > 0 else "behind"
        words = f"{_duration(abs(drift))} {side} (± {_duration(unsure)})"
    return Pairs(
        [
            ("guest", _utc(clocks.guest_time)),
            ("host", _utc(clocks.host_time)),
            ("drift", Styled(words, "yellow") if abs(drift) > NOTABLE else words),
        ]
    )


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms" if seconds < 1 else human_seconds(seconds)


def _utc(nanoseconds: int) -> str:
    try:
        moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=nanoseconds // 1000)
    except OverflowError:
        return f"{nanoseconds} ns since 1970"
    return moment.isoformat(" ", "milliseconds").replace("+00:00", "Z")

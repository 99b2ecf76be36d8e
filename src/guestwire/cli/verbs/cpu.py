"""`guestwire cpu`: the guest's processors, their load, and which of them run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

from guestwire.cli import many, options
from guestwire.cli.output import Column, Pairs, Table, percent
from guestwire.client.types import GuestCpuStats, GuestLoadAverage, GuestLogicalProcessor
from guestwire.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from guestwire.cli.options import Common
    from guestwire.cli.output import Document
    from guestwire.client import GuestAgent

MODES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
"""Of a processor's time. What guests of the guest take is in user and nice already."""


class Processors(Struct):
    """The processors; load and times since boot, in milliseconds, where the agent tells them."""

    vcpus: list[GuestLogicalProcessor]
    load: GuestLoadAverage | None
    stats: list[GuestCpuStats] | None


@click.command
@options.guests
@click.option("--online", metavar="IDS", help="Take these processors into use first, such as 1,2,5-7.")
@click.option("--offline", metavar="IDS", help="Take these processors out of use first.")
@options.common
def command(guests: tuple[str, ...], online: str | None, offline: str | None, common: Common) -> int:
    """Show the processors, the load, and how the processors spent their time since boot."""
    wanted = {**dict.fromkeys(_ids(online), True), **dict.fromkeys(_ids(offline), False)}

    def work(agent: GuestAgent) -> Processors:
        _switch(agent, wanted)
        return Processors(
            agent.guest_get_vcpus(), _or_none(agent.guest_get_load), _or_none(agent.guest_get_cpustats)
        )

    return many.each(guests, common, work, show)


def show(found: Processors) -> Document:
    """The load, and a row a processor."""
    load = found.load
    head = Pairs([("load", load and f"{load.load1m:.2f} {load.load5m:.2f} {load.load15m:.2f}")])
    times = {each.cpu: each for each in found.stats or []}
    rows = [
        (
            each.logical_id,
            "online" if each.online else "offline",
            {True: "yes", False: "no", None: None}[each.can_offline],
            *_shares(times.get(each.logical_id)),
        )
        for each in sorted(found.vcpus, key=lambda each: each.logical_id)
    ]
    shares = [Column(title, percent, right=True) for title in ("user", "system", "waiting", "stolen", "idle")]
    table = Table(["cpu", "state", "can go offline", *shares], rows, empty="no processors")
    return [head, table] if load else table


def _shares(times: GuestCpuStats | None) -> list[float | None]:
    if times is None:
        return [None] * 5
    spent: dict[str, int | None] = {mode: getattr(times, mode) for mode in MODES}
    total = sum(value or 0 for value in spent.values())
    groups = (("user", "nice"), ("system", "irq", "softirq"), ("iowait",), ("steal",), ("idle",))
    return [
        sum(spent[mode] or 0 for mode in group) / total if total > 0 and spent[group[0]] is not None else None
        for group in groups
    ]


def _switch(agent: GuestAgent, wanted: dict[int, bool]) -> None:
    """The agent handles them in order, up to the first that fails, and says how many it did."""
    left = [GuestLogicalProcessor(logical_id=number, online=online) for number, online in wanted.items()]
    while left:
        done = agent.guest_set_vcpus(left)
        if not 0 < done <= len(left):
            raise CommandError(f"cpu {left[0].logical_id} was not switched", guest=agent.session.guest)
        del left[:done]


def _ids(text: str | None) -> list[int]:
    numbers: list[int] = []
    for part in (text or "").split(",") if text else []:
        first, dash, last = part.strip().partition("-")
        if not (first.isdecimal() and (not dash or last.isdecimal()) and len(first + last) < 8):
            raise click.UsageError(f"{text!r} is no list of processors; write one such as 1,2,5-7.")
        numbers += range(int(first), int(last or first) + 1)
    return numbers


def _or_none(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except CommandError:
        return None

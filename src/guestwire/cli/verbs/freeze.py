"""`guestwire freeze`: hold the guest's filesystems still, on their own or while a command of the host runs."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from guestwire.cli import guests as named
from guestwire.cli import many, options, signals
from guestwire.cli.output import complain, print_json
from guestwire.cli.status import FAILED, OK, PROGRAM_TIMEOUT, SIGNALLED
from guestwire.cli.thawing import Frost
from guestwire.client.address import UnixAddress, parse
from guestwire.errors import CommandError, ConfigError, GuestwireError

if TYPE_CHECKING:
    from guestwire.cli.guests import Guest
    from guestwire.cli.options import Common
    from guestwire.client import GuestAgent

PATIENCE = 60.0
"""Seconds that a freeze may take: a guest first writes out all that it holds in memory."""

_GLANCE = 0.5  # seconds that a signal may take to be seen at worst
_GRACE = 5.0  # seconds between asking the host's command to end and ending it


class Frozen(Struct):
    """How many filesystems of a guest are frozen."""

    frozen: int


class Ran(Struct):
    """A guest that was frozen while a command ran. `held` is False when it thawed by itself meanwhile."""

    guest: str
    frozen: int
    held: bool
    seconds: float
    status: int


@click.command
@options.guests
@click.option(
    "--mountpoint",
    "mountpoints",
    multiple=True,
    metavar="DIR",
    help="Freeze this filesystem only; repeatable.",
)
@click.option(
    "--run", "program", metavar="COMMAND", help="Run a shell command of this host meanwhile, then thaw."
)
@click.option(
    "--limit",
    type=options.Seconds(min=0, min_open=True),
    metavar="SECONDS",
    help="With --run: end the command and thaw after so long.",
)
@options.common
def command(
    guests: tuple[str, ...],
    mountpoints: tuple[str, ...],
    program: str | None,
    limit: float | None,
    common: Common,
) -> int:
    """Freeze the guest's filesystems: what is written waits until they are thawed.

    With --run they are thawed whatever happens, also on Ctrl-C, SIGTERM and when the command fails. The exit status is
    the command's. It finds the guests' names in GUESTWIRE_GUESTS. Several guests are frozen one after the other, then
    the command runs once.

    Without --run they stay frozen until `guestwire thaw`. A broker thaws what a client leaves frozen behind it, so
    a guest that has one is refused without --run.
    """
    where = list(mountpoints) or None
    if program is None:
        if limit is not None:
            raise click.UsageError("--limit goes with --run.")
        for guest in named.find(guests):
            _refuse_for_broker(guest)
        return many.each(
            guests,
            common,
            lambda agent: _freeze(agent, where, common.timeout or PATIENCE),
            show,
            status=lambda frozen: OK if frozen.frozen else FAILED,
        )
    return _while_frozen(named.find(guests), where, program, limit, common)


def show(frozen: Frozen) -> str:
    """For people."""
    if not frozen.frozen:
        return "nothing was frozen"
    return f"{_count(frozen.frozen)} frozen, until guestwire thaw"


def _refuse_for_broker(guest: Guest) -> None:
    """A broker's guest would be thawed as soon as we leave, and nobody would know."""
    place = parse(guest.address)
    if isinstance(place, UnixAddress) and (Path(place.path).parent.parent / "status.json").is_file():
        raise ConfigError(
            f"{guest.name}: a broker holds this guest, and thaws it when its client leaves: give --run COMMAND"
        )


def _freeze(agent: GuestAgent, where: list[str] | None, timeout: float) -> Frozen:
    """Freeze and leave it so. Where nobody could know whether it is frozen, it is thawed."""
    _reach(agent)
    try:
        return Frozen(agent.freeze(where, timeout=timeout))
    except CommandError:
        raise
    except BaseException:
        agent.thaw()
        raise


def _reach(agent: GuestAgent) -> None:
    """Find out that the agent answers, before anything is frozen: what was never asked need not be thawed."""
    with suppress(CommandError):  # it may forbid this
        agent.guest_ping()


def _while_frozen(
    chosen: list[Guest], where: list[str] | None, program: str, limit: float | None, common: Common
) -> int:
    held: dict[str, int] = {}
    agents: dict[str, GuestAgent] = {}
    with ExitStack() as stack:
        reached = [stack.enter_context(named.connected(guest, common.timeout)) for guest in chosen]
        for agent in reached:
            _reach(agent)
        frost = stack.enter_context(Frost())
        for guest, agent in zip(chosen, reached, strict=True):
            count = frost.add(agent.frozen(where, timeout=common.timeout or PATIENCE))
            if not count:
                raise CommandError(
                    "nothing was frozen: no such mount points, or none that can be", guest=guest.name
                )
            held[guest.name], agents[guest.name] = count, agent
            _note(common, f"{guest.name}: {_count(count)} frozen")
        began = time.monotonic()
        status = _run(program, limit, chosen, common)
        still = {name: _is_frozen(agent) for name, agent in agents.items()}
    took = time.monotonic() - began
    _note(common, f"thawed after {took:.1f} s")
    ran = [Ran(name, count, still[name], round(took, 3), status) for name, count in held.items()]
    _tell(ran, common)
    return status or (0 if all(still.values()) else FAILED)


def _tell(ran: list[Ran], common: Common) -> None:
    for each in ran:
        if common.jsonl:
            print_json(each, indent=0)
        if not each.held:
            reason = (
                "thawed by itself before the command had ended: what was made meanwhile is not consistent"
            )
            complain(f"{each.guest}: {reason}")
    if common.json:
        print_json(ran if len(ran) > 1 else ran[0])


def _run(program: str, limit: float | None, chosen: list[Guest], common: Common) -> int:
    """The exit status of the host's command, as a shell gives it. However this ends, the command has ended."""
    environment = {**os.environ, "GUESTWIRE_GUESTS": " ".join(guest.name for guest in chosen)}
    output = None if common.for_people else 2  # standard error
    sys.stdout.flush()
    child = None
    try:
        with signals.held():  # one that came while the command starts would leave it running
            child = subprocess.Popen(program, shell=True, env=environment, stdout=output)
        status = _wait(child, limit)
    except subprocess.TimeoutExpired:
        complain(f"the command was ended after {limit:g} s")
        return PROGRAM_TIMEOUT
    finally:
        if child is not None:
            _end(child)
    return SIGNALLED - status if status < 0 else status


def _wait(child: subprocess.Popen[bytes], limit: float | None) -> int:
    """A signal that comes just before a wait would not end it: so the waits are short ones."""
    ends = math.inf if limit is None else time.monotonic() + limit
    while True:
        try:
            return child.wait(max(min(_GLANCE, ends - time.monotonic()), 0))
        except subprocess.TimeoutExpired:
            if time.monotonic() >= ends:
                raise


def _end(child: subprocess.Popen[bytes]) -> None:
    """End it, unless it has ended."""
    for stop in (child.terminate, child.kill):
        stop()
        with suppress(subprocess.TimeoutExpired):
            child.wait(_GRACE)
            return


def _is_frozen(agent: GuestAgent) -> bool:
    """Whether it still holds; a guest that cannot tell is believed."""
    try:
        return agent.guest_fsfreeze_status() != "thawed"
    except GuestwireError:
        return True


def _note(common: Common, text: str) -> None:
    if common.for_people:
        complain(text)


def _count(number: int) -> str:
    return f"{number} filesystem{'s' if number != 1 else ''}"

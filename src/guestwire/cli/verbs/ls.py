"""`guestwire ls`: the guests of this host, where each was found, and whether its agent answers."""

from __future__ import annotations

import sys
import time
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import click

from guestwire.cli import guests as named
from guestwire.cli import many, options
from guestwire.cli.clean import clean
from guestwire.cli.guests import Guest
from guestwire.cli.output import Styled, Table, draw, print_json
from guestwire.cli.status import OK
from guestwire.errors import (
    ChannelClosed,
    CommandError,
    ConversationError,
    GuestTimeout,
    GuestwireError,
    ProtocolError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from guestwire.cli.options import Common
    from guestwire.client import GuestAgent
    from guestwire.discovery import Located

NOBODY = "no guests on this host"
_PATIENCE = 2.0  # seconds that one guest gets for all its answers
_AT_ONCE = 64
_COLOURS = {"up": "green", "silent": "yellow", "busy": "yellow", "down": "red"}
_ASLEEP = ("paused", "suspended", "migrating")


def _complete_source(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from guestwire.discovery.search import SOURCES

    return [name for name in SOURCES if name.startswith(incomplete)]


@click.command
@click.argument("patterns", nargs=-1, metavar="[PATTERN...]", shell_complete=options.complete)
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="SOURCE",
    help="Ask this source only; may be repeated.",
    shell_complete=_complete_source,
)
@click.option("--channel", metavar="NAME", help="The agents' port (default: org.qemu.guest_agent.0).")
@click.option("--no-probe", is_flag=True, help="Do not ask the agents anything.")
@options.common
def command(
    patterns: tuple[str, ...], sources: tuple[str, ...], channel: str | None, no_probe: bool, common: Common
) -> int:
    """List the guests of this host: where each was found, its state, its agent's, its system and addresses.

    All agents are asked at once; one that has not answered within two seconds, or --timeout, is silent. A source that
    cannot be read is told on stderr, and the others are listed. Sources: broker, list, libvirt, qemu, proxmox.
    """
    from guestwire.discovery import Place, find

    found = find(Place(channel=channel) if channel else None, sources or None)
    for fault in found.faults:
        print(f"guestwire: {clean(str(fault))}", file=sys.stderr)
    guests = [each for each in found.guests if not patterns or _fits(each, patterns)]
    for word in patterns:
        if named.is_one([word]) and not any(_fits(each, [word]) for each in guests):
            found.get(word)  # it says what is known instead
    rows = [_plain(each) for each in guests] if no_probe else _probed(guests, common)
    if common.jsonl:
        for row in rows:
            print_json(row, indent=0)
    elif common.json:
        print_json(rows)
    else:
        draw(show(rows, f"no guest of this host fits {' '.join(patterns)}" if patterns else NOBODY))
    return OK


def _fits(guest: Located, patterns: Sequence[str]) -> bool:
    return any(
        fnmatchcase(name, pattern)
        for name in (guest.name, guest.uuid or "", *guest.aliases)
        for pattern in patterns
    )


def _plain(guest: Located) -> dict[str, Any]:
    """What discovery alone knows. An agent whose state nobody knows has none."""
    return {
        "name": guest.name,
        "sources": list(guest.sources),
        "state": guest.state,
        "address": guest.address,
        "uuid": guest.uuid,
        "pid": guest.pid,
        "agent": _known_state(guest),
        "reason": guest.reason or None,
        "since": guest.since,
        "system": None,
        "addresses": None,
        "kind": None,
        "version": None,
    }


def _known_state(guest: Located) -> str | None:
    if guest.address is None:
        return None
    return {"connected": "up", "disconnected": "silent"}.get(guest.agent, guest.agent or None)


def _probed(guests: Sequence[Located], common: Common) -> list[dict[str, Any]]:
    """The same, and what the agents themselves say. Of one that says nothing a broker may know more."""
    rows = {each.name: _plain(each) for each in guests}
    asked = []
    for each in guests:
        if each.address is None or each.agent == "disconnected":
            continue
        if each.state in _ASLEEP:
            rows[each.name] |= {"agent": "silent", "reason": f"the guest is {each.state}"}
        else:
            asked.append(Guest(each.name, each.address))
    patience = common.timeout or _PATIENCE
    hurry = common._replace(timeout=patience, parallel=max(common.parallel, _AT_ONCE))
    for outcome in many.outcomes(asked, hurry, lambda agent: probe(agent, patience)):
        row = rows[outcome.guest.name]
        if outcome.error is None or row["agent"] not in _COLOURS or row["agent"] == "up":
            row |= outcome.value or _trouble(outcome.error)
    return list(rows.values())


def probe(agent: GuestAgent, patience: float) -> dict[str, Any]:
    """What the agent says of itself and its guest, in `patience` seconds altogether."""
    end = time.monotonic() + patience

    def ask(command: Callable[..., Any]) -> Any:
        try:
            return command(timeout=max(0.05, end - time.monotonic()))
        except (CommandError, ProtocolError, GuestTimeout):
            return None

    info = agent.guest_info(timeout=patience)
    names = {each.name for each in info.supported_commands}
    system = ask(agent.guest_get_osinfo)
    own = ask(agent.guestwire_info) if "guestwire-info" in names else None
    return {
        "agent": "up",
        "reason": None,
        "kind": "guestwire-agent" if "guestwire-info" in names else "qemu-ga",
        "version": own.version if own else info.version,
        "system": system and (system.pretty_name or system.name or system.id),
        "addresses": _addresses(ask(agent.guest_network_get_interfaces)),
    }


def _addresses(interfaces: Any) -> list[str] | None:
    """Addresses that others could reach: none of the loopback, none of the link alone."""
    if interfaces is None:
        return None
    every = [each.ip_address for face in interfaces for each in face.ip_addresses or []]
    return [each for each in every if not each.startswith(("127.", "fe80:")) and each != "::1"]


def _trouble(error: Exception | None) -> dict[str, Any]:
    """What is wrong, in the broker's words, and the reason. An agent that forbids guest-info is up."""
    if isinstance(error, CommandError):
        return {"agent": "up", "reason": error.desc}
    reason = error.reason if isinstance(error, ConversationError) else str(error)
    state, _, why = reason.partition(": ")
    if isinstance(error, ChannelClosed) and state in _COLOURS:
        return {"agent": state, "reason": why}  # a broker's words
    if "busy with another" in reason:
        return {"agent": "busy", "reason": reason}
    silent = isinstance(error, (GuestTimeout, ProtocolError)) or not isinstance(error, GuestwireError)
    return {"agent": "silent" if silent else "down", "reason": reason}


def show(rows: Sequence[dict[str, Any]], empty: str = NOBODY) -> Table:
    """The list for people."""
    columns = ("guest", "found by", "state", "agent", "system", "addresses")
    return Table(columns, [_row(each) for each in rows], empty)


def _row(guest: dict[str, Any]) -> tuple[Any, ...]:
    addresses = guest["addresses"]
    return (
        guest["name"],
        ", ".join(guest["sources"]),
        None if guest["state"] == "unknown" else guest["state"],
        _agent(guest),
        guest["system"],
        ", ".join(addresses) if addresses else None,
    )


def _agent(guest: dict[str, Any]) -> Any:
    state, reason = guest["agent"], guest["reason"]
    if state is None:
        return f"none: {reason}" if reason else None
    detail = f" ({guest['kind']} {guest['version']})" if guest["kind"] else ""
    return Styled(f"{state}{detail}" + (f": {reason}" if reason else ""), _COLOURS.get(state, ""))

"""`guestwire info`: what a guest is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from guestwire.cli import many, options
from guestwire.cli.output import Pairs
from guestwire.errors import CommandError, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from guestwire.cli.options import Common
    from guestwire.client import GuestAgent


@click.command
@options.guests
@options.common
def command(guests: tuple[str, ...], common: Common) -> int:
    """Say what a guest is: host name, system, addresses, processors, users, agent.

    What the agent does not know, or its policy forbids, is left out.
    """
    return many.each(guests, common, about, show)


def about(agent: GuestAgent) -> dict[str, Any]:
    """What the guest says of itself, by topic; None for what it does not say."""
    commands = agent.guest_info()
    known = {
        "host_name": _or_none(lambda: agent.guest_get_host_name().host_name),
        "os": _or_none(agent.guest_get_osinfo),
        "timezone": _or_none(agent.guest_get_timezone),
        "interfaces": _or_none(agent.guest_network_get_interfaces),
        "vcpus": _or_none(agent.guest_get_vcpus),
        "users": _or_none(agent.guest_get_users),
        "frozen": _or_none(agent.guest_fsfreeze_status),
        "agent": _or_none(agent.guestwire_info),
    }
    supported = commands.supported_commands
    return {
        **known,
        "agent_version": commands.version,
        "commands": len(supported),
        "disabled_commands": [each.name for each in supported if not each.enabled],
    }


def show(known: dict[str, Any]) -> Pairs:
    """The same for people."""
    system, own, disabled = known["os"], known["agent"], known["disabled_commands"]
    kind = f"guestwire-agent {own.version}, compatible with" if own else "qemu-ga"
    online = [each for each in known["vcpus"] or [] if each.online]
    return Pairs(
        [
            ("host name", known["host_name"]),
            ("system", system and (system.pretty_name or system.name)),
            ("kernel", system and _join(system.kernel_release, system.machine)),
            ("timezone", known["timezone"] and known["timezone"].zone),
            ("addresses", ", ".join(_addresses(known["interfaces"])) or None),
            ("cpus", f"{len(online)} of {len(known['vcpus'])} online" if known["vcpus"] else None),
            ("users", ", ".join(sorted({each.user for each in known["users"] or []})) or None),
            ("filesystems", known["frozen"]),
            ("agent", f"{kind} {known['agent_version']}"),
            ("commands", _commands(known["commands"], disabled)),
        ]
    )


def _addresses(interfaces: Any) -> list[str]:
    """Addresses that others could reach: none of the loopback, none of the link alone."""
    every = [each.ip_address for face in interfaces or [] for each in face.ip_addresses or []]
    return [each for each in every if not each.startswith(("127.", "fe80:")) and each != "::1"]


def _commands(count: int, disabled: list[str]) -> str:
    if not disabled:
        return f"{count}, all enabled"
    return f"{count}, of which disabled: {', '.join(disabled)}"


def _join(*parts: str | None) -> str | None:
    return " on ".join(part for part in parts if part) or None


def _or_none(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except (CommandError, ProtocolError):
        return None

"""guest-sync, guest-sync-delimited, guest-ping, guest-info and guestwire-info: the conversation itself."""

from __future__ import annotations

from guestwire.wire.messages import Encoded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guestwire.agent.state import AgentState


def guest_sync(id: int) -> int:
    """Give the number back. The dispatcher voids what came before it."""
    return id


def guest_sync_delimited(id: int) -> int:
    """Give the number back; the dispatcher puts 0xFF in front."""
    return id


def guest_ping() -> None:
    """Say that the agent is there."""


_known: dict[bool, Encoded] = {}  # by the frozen state: nothing else changes it while the agent lives


def guest_info(agent: AgentState) -> Encoded:
    """QEMU's version number, which clients compare, and the commands in reverse order of the schema (as QEMU)."""
    frozen = agent.gate.frozen
    if frozen not in _known:
        _known[frozen] = Encoded(_about(agent))
    return _known[frozen]


def _about(agent: AgentState) -> dict[str, Any]:
    from guestwire.agent.version import QEMU_VERSION

    permits = agent.gate.permits
    commands = [
        {
            "enabled": permits(entry.name, entry.features),
            "name": entry.name,
            "success-response": entry.answers_success,
        }
        for entry in reversed(list(agent.registry.values()))
    ]
    return {"version": QEMU_VERSION, "supported_commands": commands}


def guestwire_info(agent: AgentState) -> dict[str, Any]:
    """What this agent is, and how it fares."""
    import sys

    from guestwire import __version__
    from guestwire.agent.base64 import ACCELERATED

    return {
        "version": __version__,
        "python": ".".join(map(str, sys.version_info[:3])),
        "stuck-commands": agent.loop.baton.stuck,
        "accelerator": ACCELERATED,
    }

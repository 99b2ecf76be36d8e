"""Shutting down and suspending on Linux. None of these commands answers when it succeeds."""

from __future__ import annotations

from guestwire.agent.system.linux import power
from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guestwire.agent.state import AgentState


def guest_shutdown(agent: AgentState, mode: str | None = None) -> None:
    """`mode` is "powerdown" (the default), "halt" or "reboot"."""
    mode = "powerdown" if mode is None else mode
    agent.log.account(f"guest-shutdown called, mode: {mode}")
    if mode not in power.PROGRAMS:
        raise CommandError("mode is invalid (valid values are: halt|powerdown|reboot")
    power.shut_down(agent.root, mode)


def guest_suspend_disk(agent: AgentState) -> None:
    """Hibernate: memory goes to disk and the machine goes off."""
    power.suspend(agent.root, power.DISK)


def guest_suspend_ram(agent: AgentState) -> None:
    """Suspend: memory stays under power."""
    power.suspend(agent.root, power.RAM)


def guest_suspend_hybrid(agent: AgentState) -> None:
    """Suspend to memory with a copy on disk, should the power fail."""
    power.suspend(agent.root, power.HYBRID)

"""Shutting down and suspending on Windows. None of these commands answers when it succeeds."""

from __future__ import annotations

from guestwire.agent.system.windows import power
from guestwire.agent.system.windows.win32 import failure
from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guestwire.agent.state import AgentState


def guest_shutdown(agent: AgentState, mode: str | None = None) -> None:
    """`mode` is "powerdown" (the default), "halt" or "reboot"."""
    mode = "powerdown" if mode is None else mode
    agent.log.account(f"guest-shutdown called, mode: {mode}")
    if mode not in power.FLAGS:
        raise CommandError("mode is invalid (valid values are: halt|powerdown|reboot")
    try:
        power.shut_down(mode)
    except OSError as error:
        raise failure("guest-shutdown failed", error) from None


def guest_suspend_disk() -> None:
    """Hibernate: memory goes to disk and the machine goes off."""
    _suspend(to_disk=True)


def guest_suspend_ram() -> None:
    """Suspend: memory stays under power."""
    _suspend(to_disk=False)


def _suspend(to_disk: bool) -> None:
    if not (power.can_hibernate() if to_disk else power.can_suspend()):
        state = "suspend-to-disk" if to_disk else "suspend-to-ram"
        raise CommandError(f"{state} not supported by OS")
    try:
        power.suspend(to_disk)
    except OSError as error:
        raise failure("failed to suspend guest", error) from None

"""Freezing filesystems; `agent/freezer.py` has the rules."""

from __future__ import annotations

from guestwire.agent.text import to_os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guestwire.agent.state import AgentState


def guest_fsfreeze_status(agent: AgentState) -> str:
    """ "frozen" when a freeze is complete, else "thawed"."""
    return agent.freezer.status()


def guest_fsfreeze_freeze(agent: AgentState) -> int:
    """Freeze every filesystem that can be; how many that were."""
    return agent.freezer.freeze()


def guest_fsfreeze_freeze_list(agent: AgentState, mountpoints: list[str] | None = None) -> int:
    """Freeze the filesystems mounted at exactly these places; other names are passed over."""
    return agent.freezer.freeze(None if mountpoints is None else {to_os(path) for path in mountpoints})


def guest_fsfreeze_thaw(agent: AgentState) -> int:
    """Thaw whatever is frozen, also by others or by an earlier agent; how many filesystems that were."""
    return agent.freezer.thaw()

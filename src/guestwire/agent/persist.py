"""What survives a restart of the agent: the handle counter and the frozen mark."""

from __future__ import annotations


class Persist:
    """`STATEDIR/qga.state` and `STATEDIR/qga.state.isfrozen`, in the C agent's own formats."""

    def next_handle(self) -> int:
        """The next file handle, from 1000 on, never repeated. CommandError when it can't be stored."""
        raise NotImplementedError

    def mark_frozen(self) -> None:
        """Make the frozen mark; called just before the first filesystem is frozen."""

    def clear_frozen(self) -> None:
        """Remove the frozen mark; called after the thaw."""

    def found_frozen(self) -> bool:
        """True when the mark was there at start: the agent begins frozen."""
        return False

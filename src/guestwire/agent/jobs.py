"""Programs started by guest-exec."""

from __future__ import annotations


class Jobs:
    """The exec table."""

    def reap(self) -> None:
        """Collect the exit statuses of ended children; called by the warden on SIGCHLD."""

"""Where the agent's messages go."""

from __future__ import annotations


class Log:
    """Levels as in GLib; `account` is the syslog(3) record of calls."""

    def error(self, message: str) -> None:
        """The agent cannot do its work."""

    def warning(self, message: str) -> None:
        """Something is wrong but the agent goes on."""

    def info(self, message: str) -> None:
        """Shown with --verbose only."""

    def debug(self, message: str) -> None:
        """Shown with --verbose only."""

    def account(self, message: str) -> None:
        """One accounting line to syslog(3), never written while frozen."""

"""Windows as the agent's host: where its files are, and who tells it to end."""

from __future__ import annotations

import os

from guestwire.errors import ConfigError, StartError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from guestwire.agent.config import Config


def prepare(config: Config) -> None:
    """Make the folder for the state, and turn down what Windows has no use for."""
    if config.daemon:
        raise ConfigError("--daemonize: Windows runs programs in the background as services only")
    try:
        os.makedirs(config.statedir, exist_ok=True)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise StartError(
            f"cannot make the state folder {config.statedir}: {reason}; use --statedir"
        ) from None


def when_told_to_end(end: Callable[[], None]) -> None:
    """Call `end` at Ctrl-C, Ctrl-Break, and when the console or the session goes."""
    from guestwire.agent.system.windows.console import on_control

    on_control(end)

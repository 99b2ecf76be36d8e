"""What runs once everything is open: the state, the list of commands, the loop."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guestwire.agent.channels.base import Channel
    from guestwire.agent.config import Config
    from guestwire.agent.log import Log
    from guestwire.agent.persist import Persist


def command_names(config: Config) -> list[str]:
    """All commands of this platform, in the schema's order, for `--block-rpcs help`."""
    raise NotImplementedError


class Service:
    """Built before anything is opened, so that a faulty schema or pack is told first (ConfigError)."""

    def __init__(self, config: Config, log: Log, persist: Persist) -> None:
        self.config = config
        self.log = log
        self.persist = persist

    def run(self, channel: Channel) -> int:
        """Serve the open channel until the agent is to end; its exit status."""
        raise NotImplementedError

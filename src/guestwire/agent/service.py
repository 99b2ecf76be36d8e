"""What runs once everything is open: the state, the list of commands, the loop."""

from __future__ import annotations

from guestwire.agent import platform, registry
from guestwire.agent.gate import Gate
from guestwire.agent.handles import Handles
from guestwire.agent.state import AgentState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guestwire.agent.channels.base import Channel
    from guestwire.agent.config import Config
    from guestwire.agent.log import Log
    from guestwire.agent.persist import Persist


def command_names(config: Config) -> list[str]:
    """All commands of this platform, in the schema's order, for `--block-rpcs help`."""
    return list(registry.build(config, AgentState(), platform.current(), platform.symbols()))


class Service:
    """Built before anything is opened, so that a faulty schema or pack is told first (ConfigError)."""

    def __init__(self, config: Config, log: Log, persist: Persist) -> None:
        state = self.state = AgentState()
        state.root = ""
        state.config = config
        state.log = log
        state.persist = persist
        state.gate = Gate(config.allow_rpcs, config.block_rpcs)
        state.handles = Handles(persist)
        state.registry = registry.build(config, state, platform.current(), platform.symbols())

    def run(self, channel: Channel) -> int:
        """Serve the open channel until the agent is to end; its exit status."""
        from guestwire.agent import warden
        from guestwire.agent.alarm import Alarm
        from guestwire.agent.dispatcher import Dispatcher
        from guestwire.agent.freezer import Freezer
        from guestwire.agent.jobs import Jobs
        from guestwire.agent.loop import Loop

        state, alarm = self.state, Alarm()
        warden.block_signals()
        state.jobs = Jobs()
        state.freezer = Freezer(state, alarm.wake)
        if state.persist.found_frozen():
            state.freezer.begin_frozen()
        dispatcher = Dispatcher(state.registry, state.gate, state.log)
        state.loop = Loop(channel, dispatcher, alarm, state.log)
        state.loop.start()
        return warden.watch(state.loop, state)

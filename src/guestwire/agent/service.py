"""What runs once everything is open: the state, the list of commands, the loop."""

from __future__ import annotations

from guestwire.agent import platform, registry
from guestwire.agent.gate import Gate
from guestwire.agent.handles import Handles
from guestwire.agent.state import AgentState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Union

    from guestwire.agent.alarm import Alarm
    from guestwire.agent.channels.base import Channel
    from guestwire.agent.config import Config
    from guestwire.agent.log import Log
    from guestwire.agent.loop import Loop
    from guestwire.agent.persist import Persist
    from guestwire.agent.windows_alarm import WindowsAlarm

    # What tells of a long command, and the life of the main thread: it returns the exit status.
    Warden = tuple[Union[Alarm, WindowsAlarm], Callable[[Loop, AgentState], int]]


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
        from guestwire.agent.dispatcher import Dispatcher
        from guestwire.agent.freezer import Freezer
        from guestwire.agent.jobs import Jobs
        from guestwire.agent.loop import Loop

        state = self.state
        alarm, watch = _warden_of_windows() if platform.current() == platform.WINDOWS else _warden_of_posix()
        state.jobs = Jobs()
        state.freezer = Freezer(state, alarm.wake)
        if state.persist.found_frozen():
            state.freezer.begin_frozen()
        dispatcher = Dispatcher(state.registry, state.gate, state.log)
        state.loop = Loop(channel, dispatcher, alarm, state.log)
        state.loop.start()
        return watch(state.loop, state)


def _warden_of_posix() -> Warden:
    from guestwire.agent import warden
    from guestwire.agent.alarm import Alarm

    warden.block_signals()
    return Alarm(), warden.watch


def _warden_of_windows() -> Warden:
    from guestwire.agent.hosting import windows
    from guestwire.agent.windows_alarm import WindowsAlarm
    from guestwire.agent.windows_warden import watch

    alarm = WindowsAlarm()
    windows.when_told_to_end(alarm.end)
    return alarm, lambda loop, state: watch(loop, state, alarm)

"""The main thread on Windows: it waits for the alarm, the lease of a freeze and the order to end.

Ctrl-C and the service manager call `alarm.end()`. While volumes are frozen that waits for the thaw, which VSS forces
after ten seconds.
"""

from __future__ import annotations

from _thread import start_new_thread
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guestwire.agent.loop import Loop
    from guestwire.agent.state import AgentState
    from guestwire.agent.windows_alarm import WindowsAlarm

_FOREVER = 3600.0
_SOON = 0.1  # seconds between two looks whether a freeze is over


def watch(loop: Loop, state: AgentState, alarm: WindowsAlarm) -> int:
    """Wait until the agent is to end; returns its exit status."""
    while True:
        if alarm.ended and not state.gate.frozen:
            return 0
        if loop.failed is not None:
            state.log.error(loop.failed)
            return 1
        lease = state.freezer.deadline
        longest = _SOON if alarm.ended else _FOREVER
        if alarm.wait(longest if lease is None else min(longest, max(0.0, lease - monotonic()))):
            loop.relieve()
        if lease is not None and monotonic() >= lease:
            state.freezer.deadline = None  # before expire(), which may set a new one
            start_new_thread(state.freezer.expire, ())

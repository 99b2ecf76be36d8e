"""The main thread on Windows: it waits for the alarm, the lease of a freeze and the order to end.

Ctrl-C and the service manager call `alarm.end()`; as on POSIX they are not obeyed while filesystems are frozen.
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


def watch(loop: Loop, state: AgentState, alarm: WindowsAlarm) -> int:
    """Wait until the agent is to end; returns its exit status."""
    while True:
        if alarm.ended:
            alarm.ended = False
            if not state.gate.frozen:
                return 0
        if loop.failed is not None:
            state.log.error(loop.failed)
            return 1
        lease = state.freezer.deadline
        if alarm.wait(_FOREVER if lease is None else max(0.0, lease - monotonic())):
            loop.relieve()
        if lease is not None and monotonic() >= lease:
            state.freezer.deadline = None  # before expire(), which may set a new one
            start_new_thread(state.freezer.expire, ())

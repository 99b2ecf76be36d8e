"""`AgentState`: all that lives as long as the agent process, handed to command functions as `agent`.

It belongs to the process, not to a connection: handles, jobs and the frozen mark outlive a client,
because hosts such as Proxmox connect anew for every command.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from guestwire.agent.config import Config
    from guestwire.agent.freezer import Freezer
    from guestwire.agent.gate import Gate
    from guestwire.agent.handles import Handles
    from guestwire.agent.jobs import Jobs
    from guestwire.agent.log import Log
    from guestwire.agent.loop import Loop
    from guestwire.agent.persist import Persist
    from guestwire.agent.registry import Entry


class AgentState:
    """Plain holder; each part is built by `agent/main.py` and documented in its own file.

    `root` is a path put in front of /proc, /sys and /etc, "" on a real system (tests pass a captured tree).
    """

    root: str
    config: Config
    log: Log
    gate: Gate
    handles: Handles
    jobs: Jobs
    freezer: Freezer
    persist: Persist
    registry: Mapping[str, Entry]
    loop: Loop

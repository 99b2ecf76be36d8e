"""What is kept open of mounts and disks between calls, and the question how full filesystems are."""

from __future__ import annotations

import os

from guestwire.agent.system.linux.disks import Disks
from guestwire.agent.system.linux.guarded import Guard
from guestwire.agent.system.linux.mounts import MountTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from guestwire.agent.state import AgentState
    from guestwire.agent.system.linux.mounts import Filesystem


class Sources:
    """What is kept open between calls, one for the machine and one for each captured tree."""

    def __init__(self, root: str) -> None:
        self.mounts = MountTable(root)
        self.disks = Disks(root)
        self.guard = Guard()


_sources: dict[str, Sources] = {}


def sources_of(agent: AgentState) -> Sources:
    """Made at the first call, for this agent's root."""
    found = _sources.get(agent.root)
    if found is None:
        found = _sources[agent.root] = Sources(agent.root)
    return found


def statistics(root: str, sources: Sources, filesystems: Sequence[Filesystem]) -> list[Any]:
    """Of each its statvfs_result, or the OSError. Two thread switches are saved when all answer from memory."""
    front = os.fsencode(root)
    paths = [front + filesystem.path for filesystem in filesystems]
    for filesystem in filesystems:
        if not filesystem.prompt:
            return sources.guard.ask(os.statvfs, paths)
    return [_statvfs(path) for path in paths]


def _statvfs(path: bytes) -> os.statvfs_result | OSError:
    try:
        return os.statvfs(path)
    except OSError as error:
        return error

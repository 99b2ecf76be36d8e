"""guest-get-memory-blocks, guest-set-memory-blocks and guest-get-memory-block-info on Linux."""

from __future__ import annotations

from errno import ENOENT

from guestwire.agent.system.linux.memory import FOLDER, block_size, list_blocks, set_online
from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guestwire.agent.state import AgentState


def guest_get_memory_block_info(agent: AgentState) -> dict[str, int]:
    """The unit in which memory goes online and offline, bytes."""
    try:
        return {"size": block_size(agent.root)}
    except OSError as error:
        raise CommandError.from_os(f"Could not open '{FOLDER}/'", error) from None


def guest_get_memory_blocks(agent: AgentState) -> list[dict[str, Any]]:
    """All blocks by index; the C agent has them in the order of the folder."""
    return [
        {"phys-index": index, "online": online, "can-offline": switch}
        for index, online, switch in list_blocks(agent.root)
    ]


def guest_set_memory_blocks(agent: AgentState, mem_blks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The outcome for each block; one that fails does not end the work on the others."""
    return [_apply(agent.root, block["phys-index"], block["online"]) for block in mem_blks]


def _apply(root: str, index: int, online: bool) -> dict[str, Any]:
    result: dict[str, Any] = {"phys-index": index}
    try:
        switched = set_online(root, index, online)
    except OSError as error:
        missing = error.errno == ENOENT and error.filename
        result["response"] = "not-found" if missing else "operation-failed"
        result["error-code"] = error.errno
        return result
    if switched or online:
        result["response"] = "success"
    else:
        result["response"] = "operation-not-supported"
        result["error-code"] = ENOENT
    return result

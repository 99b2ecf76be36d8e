"""guest-get-vcpus and guest-set-vcpus on Linux."""

from __future__ import annotations

from guestwire.agent.system.linux.cpu import FOLDER, list_cpus, set_online
from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guestwire.agent.state import AgentState


def guest_get_vcpus(agent: AgentState) -> list[dict[str, Any]]:
    """All CPUs by number; the C agent has them in the order of the folder."""
    return [
        {"logical-id": cpu, "online": online, "can-offline": switch}
        for cpu, online, switch in list_cpus(agent.root)
    ]


def guest_set_vcpus(agent: AgentState, vcpus: list[dict[str, Any]]) -> int:
    """How many of the list, from its beginning, are in the wanted state now.

    Ends at the first that fails, which is an error only when it is the first of the list.
    """
    done = 0
    for vcpu in vcpus:
        try:
            _apply(agent.root, vcpu["logical-id"], vcpu["online"])
        except CommandError:
            if not done:
                raise
            break
        done += 1
    return done


def _apply(root: str, cpu: int, online: bool) -> None:
    try:
        switched = set_online(root, cpu, online)
    except OSError as error:
        folder = f"{FOLDER}/cpu{cpu}/"
        text = f"Could not open '{folder}'" if error.filename else f'pwrite("{folder}online")'
        raise CommandError.from_os(text, error) from None
    if not switched and not online:
        raise CommandError(f"logical processor #{cpu} can't be offlined")

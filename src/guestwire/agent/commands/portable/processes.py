"""guest-exec-status, the part of the processes group that is the same on every OS."""

from __future__ import annotations

from guestwire.agent.base64 import b64encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guestwire.agent.jobs import Output
    from guestwire.agent.state import AgentState


def guest_exec_status(agent: AgentState, pid: int) -> dict[str, Any]:
    """The end of a program is told once, and then forgotten.

    `out-data` and `err-data` are bytes of base64, which the encoder puts on the wire as they are.
    """
    job = agent.jobs.take(pid)
    if job is None:
        return {"exited": False}
    status: dict[str, Any] = {"exited": True}
    if job.ending is not None:
        name, value = job.ending
        if name:
            status[name] = value
    _put(status, "out", job.out)
    _put(status, "err", job.err)
    return status


def _put(status: dict[str, Any], name: str, output: Output | None) -> None:
    """Add the members of one stream, unless it stayed empty."""
    if output is None or not (output.data or output.truncated):
        return
    status[f"{name}-data"] = b64encode(output.data)
    status[f"{name}-truncated"] = output.truncated
    output.discard()

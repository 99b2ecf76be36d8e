"""What a client has made in the guest, and nobody else may touch: open files and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from guestwire.wire.messages import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from guestwire.broker.answers import Answer

OWNED = {
    "guest-file-open": "",
    "guest-file-close": "handle",
    "guest-file-read": "handle",
    "guest-file-write": "handle",
    "guest-file-seek": "handle",
    "guest-file-flush": "handle",
    "guest-exec": "",
    "guest-exec-status": "pid",
}
"""The commands that `Belongings` looks at, and the member by which they name what somebody has made."""


class Belongings:
    """One owner's. `foreign` is asked before a request goes out, `note` when its answer is here."""

    def __init__(self) -> None:
        self.handles: set[int] = set()
        self.pids: set[int] = set()

    def __bool__(self) -> bool:
        return bool(self.handles or self.pids)

    def foreign(self, request: Request) -> tuple[str, int] | None:
        """The member and number of `request` that names another's file or program; None when there is no such."""
        member = OWNED[request.name]
        if not member:
            return None
        number = (request.arguments or {}).get(member)
        own = self.handles if member == "handle" else self.pids
        return (member, number) if type(number) is int and abs(number) < 2**63 and number not in own else None

    def note(self, request: Request, answer: Answer) -> None:
        """Keep in mind what the success of `request` has made or ended; the guest's value may have any shape."""
        if not answer.good:
            return
        arguments = request.arguments or {}
        if request.name == "guest-file-open":
            handle = answer.value()
            if type(handle) is int:
                self.handles.add(handle)
        elif request.name == "guest-file-close":
            self.handles.discard(arguments.get("handle", -1))
        elif request.name == "guest-exec":
            pid = _member(answer.value(), "pid")
            if type(pid) is int:
                self.pids.add(pid)
        elif request.name == "guest-exec-status" and _member(answer.value(), "exited") is True:
            self.pids.discard(arguments.get("pid", -1))

    def farewell(self) -> Iterator[Request]:
        """The requests that undo it: files are closed, and programs that have ended are asked for a last time, so
        that the agent can forget them. Those that still run go on.
        """
        for handle in sorted(self.handles):
            yield Request("guest-file-close", {"handle": handle})
        for pid in sorted(self.pids):
            yield Request("guest-exec-status", {"pid": pid})
        self.handles.clear()
        self.pids.clear()


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None

"""What a client has made in the guest, and nobody else may touch: open files, programs, a freeze."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from guestwire.broker.turns import THAW
from guestwire.wire.messages import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

FREEZES = ("guest-fsfreeze-freeze", "guest-fsfreeze-freeze-list")


class Belongings:
    """One client's. `refusal` is asked before a request goes out, `note` when its answer is here."""

    def __init__(self) -> None:
        self.handles: set[int] = set()
        self.pids: set[int] = set()
        self.frozen = False

    def refusal(self, request: Request) -> str | None:
        """Why `request` may not reach the guest, in the words the guest has for what does not exist."""
        arguments = request.arguments or {}
        if request.name.startswith("guest-file-") and request.name != "guest-file-open":
            handle = arguments.get("handle")
            if type(handle) is int and handle not in self.handles:
                return f"handle '{handle}' has not been found"
        if request.name == "guest-exec-status":
            pid = arguments.get("pid")
            if type(pid) is int and pid not in self.pids:
                return f"PID {pid} does not exist"
        return None

    def note(self, request: Request, value: Any) -> None:
        """Keep in mind what the success of `request` has made or ended; `value` is the guest's, of any shape."""
        arguments = request.arguments or {}
        if request.name == "guest-file-open" and type(value) is int:
            self.handles.add(value)
        elif request.name == "guest-file-close":
            self.handles.discard(arguments.get("handle", -1))
        elif request.name == "guest-exec" and isinstance(value, dict) and type(value.get("pid")) is int:
            self.pids.add(value["pid"])
        elif request.name == "guest-exec-status" and isinstance(value, dict) and value.get("exited") is True:
            self.pids.discard(arguments.get("pid", -1))
        elif request.name in FREEZES:
            self.frozen = True
        elif request.name == THAW:
            self.frozen = False

    def farewell(self) -> Iterator[Request]:
        """The requests that undo all of it, the thaw first."""
        if self.frozen:
            yield Request(THAW, None)
        for handle in sorted(self.handles):
            yield Request("guest-file-close", {"handle": handle})
        self.handles.clear()
        self.pids.clear()
        self.frozen = False

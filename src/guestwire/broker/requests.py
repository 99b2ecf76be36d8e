"""A client's request as the guest gets it, and the answers that the broker itself has for some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guestwire.broker import answers
from guestwire.wire.encoding import encode
from guestwire.wire.messages import Request, failure, success

if TYPE_CHECKING:
    from guestwire.broker.answers import Answer

SYNCS = ("guest-sync", "guest-sync-delimited")

_MOST_KNOWN = 256
_known: dict[str, bytes] = {}


def line_of(request: Request) -> bytes:
    """The line: without an id, which belongs to the client. The few requests without arguments are remembered.

    It is always one well-formed request: an agent may answer anything else by several lines, and the second would be
    taken for the answer to somebody else. Raises ValueError for what cannot be written so.
    """
    if request.arguments is not None:
        return _with_arguments({"execute": request.name, "arguments": request.arguments})
    line = _known.get(request.name)
    if line is None:
        line = encode({"execute": request.name}) + b"\n"
        if len(_known) < _MOST_KNOWN and len(line) < 100:
            _known[request.name] = line
    return line


def _with_arguments(wired: dict[str, object]) -> bytes:
    try:
        line = encode(wired)
        if b"Infinity" in line:  # 1e999 is a number to JSON, and infinite to Python
            line = encode(wired, exact=True)
    except RecursionError:
        raise ValueError("the arguments are nested too deep") from None
    return line + b"\n"


def sync_reply(request: Request) -> list[bytes]:
    """The answer to a resync, in an agent's words where the arguments are wrong."""
    arguments = request.arguments or {}
    value = arguments.get("id")
    strange = next((name for name in arguments if name != "id"), None)
    if "id" not in arguments:
        return failure("Parameter 'id' is missing", id=request.id)
    if type(value) is not int or not -(2**63) <= value < 2**63:
        return failure("Invalid parameter type for 'id', expected: integer", id=request.id)
    if strange is not None:
        return failure(f"Parameter '{strange}' is unexpected", id=request.id)
    reply = success(value, request.id)
    return [b"\xff", *reply] if request.name == "guest-sync-delimited" else reply


def hidden(request: Request, member: str) -> Request:
    """The same request about a file or program that no agent has: it says what else is wrong, in its own words."""
    return Request(request.name, {**(request.arguments or {}), member: -1}, request.id, request.streamed)


def not_found(answer: Answer, number: int) -> Answer:
    """The answer to a `hidden` request, about the number that was meant."""
    if answer.good or not answer.reached:
        return answer
    error_class, desc = answer.fault()
    for text in ("handle '{}' has not been found", "PID {} does not exist"):
        if desc == text.format(-1):
            return answers.refusal(text.format(number), error_class)
    return answer

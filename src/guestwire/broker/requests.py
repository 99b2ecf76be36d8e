"""A client's request as the guest gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guestwire.wire.encoding import encode

if TYPE_CHECKING:
    from guestwire.wire.messages import Request

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

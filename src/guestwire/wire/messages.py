"""What travels in a conversation: requests and faults one way, replies the other.

Replies are buffers (`list[bytes]`) so that large base64 text is never copied into a larger string.
"""

from __future__ import annotations

from guestwire.wire.encoding import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

NO_ID: Any = type("NoId", (), {"__repr__": lambda self: "NO_ID"})()

GENERIC_ERROR = "GenericError"
_SUCCESS = [b'{"return": {}}\n']


class Request:
    """A well-formed request. `arguments` is None when the member was absent; `id` is NO_ID likewise.

    `streamed` names the argument whose text went ahead as `StreamData`; in `arguments` it is "".
    """

    __slots__ = ("arguments", "id", "name", "streamed")

    def __init__(
        self, name: str, arguments: dict[str, Any] | None, id: object = NO_ID, streamed: str | None = None
    ) -> None:
        self.name = name
        self.arguments = arguments
        self.id = id
        self.streamed = streamed


class Fault:
    """What came is no request: answer it with the error `desc`. An open stream ends with it, undone."""

    __slots__ = ("desc", "id")

    def __init__(self, desc: str, id: object = NO_ID) -> None:
        self.desc = desc
        self.id = id


class StreamStart:
    """A long argument begins to arrive: `arguments` holds those that came before it."""

    __slots__ = ("arguments", "member", "name")

    def __init__(self, name: str, arguments: dict[str, Any], member: str) -> None:
        self.name = name
        self.arguments = arguments
        self.member = member


class StreamData:
    """The next piece of the argument's text, escapes resolved, as ASCII bytes."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


class Encoded:
    """A value whose JSON text is at hand already."""

    __slots__ = ("text",)

    def __init__(self, value: object) -> None:
        self.text = encode(value)


class Streamed:
    """A reply whose one large string member is made and sent piece by piece.

    `pieces` yields ASCII that needs no JSON escape; `rest()` gives the other members once it has ended.
    """

    __slots__ = ("member", "pieces", "rest")

    def __init__(
        self, member: str, pieces: Iterator[bytes | memoryview], rest: Callable[[], dict[str, Any]]
    ) -> None:
        self.member = member
        self.pieces = pieces
        self.rest = rest


def request_of(value: object, streamed: str | None = None) -> Request | Fault:
    """Check the members of a parsed value, in the order they came; the first fault counts."""
    if type(value) is not dict:
        return Fault("QMP input must be a JSON object")
    name = arguments = None
    for member, content in value.items():
        if member == "execute":
            if type(content) is not str:
                return Fault("QMP input member 'execute' must be a string", value.get("id", NO_ID))
            name = content
        elif member == "arguments":
            if type(content) is not dict:
                return Fault("QMP input member 'arguments' must be an object", value.get("id", NO_ID))
            arguments = content
        elif member != "id":
            return Fault(f"QMP input member '{member}' is unexpected", value.get("id", NO_ID))
    if name is None:
        return Fault("QMP input lacks member 'execute'", value.get("id", NO_ID))
    return Request(name, arguments, value.get("id", NO_ID), streamed)


def success(value: object, id: object = NO_ID) -> list[bytes]:
    """The answer of a command: `None` is the empty object; bytes members are base64 text, sent as they are."""
    if value is None:
        if id is NO_ID:
            return _SUCCESS
        return [b'{"return": {}' + _tail(id)]
    if type(value) is dict:
        large = [name for name, member in value.items() if type(member) is bytes]
        if large:
            return _with_bytes(value, large, id)
    text = value.text if type(value) is Encoded else encode(value)
    return [b'{"return": ' + text + _tail(id)]


def failure(desc: str, error_class: str = GENERIC_ERROR, id: object = NO_ID) -> list[bytes]:
    """An error answer."""
    return [b'{"error": ' + encode({"class": error_class, "desc": desc}) + _tail(id)]


def stream(reply: Streamed, id: object = NO_ID) -> Iterator[tuple[list[bytes | memoryview], bool]]:
    """A streamed answer: the buffers of each write, and whether it is the last one.

    Nothing is yielded before the first piece is there, so that a command that fails can still say so.
    """
    waiting: list[bytes | memoryview] = [b'{"return": {' + encode(reply.member) + b': "']
    for piece in reply.pieces:
        if len(waiting) > 1:
            yield waiting, False
            waiting = []
        waiting.append(piece)
    rest = encode(reply.rest())[1:]
    waiting.append(b'"' + (b"" if rest == b"}" else b", ") + rest + _tail(id))
    yield waiting, True


def _tail(id: object) -> bytes:
    if id is NO_ID:
        return b"}\n"
    return b', "id": ' + _encode_id(id) + b"}\n"


def _encode_id(id: object) -> bytes:
    """An `id` goes back as QEMU writes it, doubles included."""
    return encode(id, exact=type(id) not in (int, str))


def _with_bytes(value: dict[str, Any], large: list[str], id: object) -> list[bytes]:
    small = {name: member for name, member in value.items() if name not in large}
    buffers = [b'{"return": {']
    for name in large:
        buffers += [encode(name) + b': "', value[name], b'", ']
    buffers[-1] = b'"' + (b", " + encode(small)[1:] if small else b"}") + _tail(id)
    return buffers

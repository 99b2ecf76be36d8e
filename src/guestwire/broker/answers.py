"""A guest's answer, checked and passed on without being decoded.

A guest may send anything. What goes on to a client is one well-formed JSON object with `return` or `error` and the
client's own id: the value's text is the guest's, checked by a scan, and the frame around it is ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from guestwire.wire.encoding import encode
from guestwire.wire.messages import NO_ID

if TYPE_CHECKING:
    from collections.abc import Callable

UNREACHABLE = "DeviceNotActive"
"""The error class, one of QEMU's, for "the guest did not get the request, or gave no answer": the desc says why."""

_LARGE = 32 << 10
_NOTHING_LINE = b'{"return": {}}\n'


class _Frame(Struct):
    result: Raw | UnsetType = msgspec.field(name="return", default=UNSET)
    error: Raw | UnsetType = UNSET
    id: Raw | UnsetType = UNSET


class _Fault(Struct):
    desc: str
    error_class: str = msgspec.field(name="class", default="GenericError")


_frame = msgspec.json.Decoder(_Frame).decode
_fault = msgspec.json.Decoder(_Fault).decode
_REFUSED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Answer:
    """`text` is the JSON of the value or of the error object; `good` tells which. `reached` is False when the guest
    may not even have got the request.
    """

    __slots__ = ("good", "reached", "text")

    def __init__(self, good: bool, text: bytes | Raw, *, reached: bool = True) -> None:
        self.good = good
        self.text = text
        self.reached = reached

    def value(self) -> Any:
        """The value, decoded. Raises nothing: what cannot be decoded is None."""
        try:
            return msgspec.json.decode(self.text)
        except _REFUSED:
            return None

    def fault(self) -> tuple[str, str]:
        """Class and desc of an error."""
        found = _fault(self.text)
        return found.error_class, found.desc

    def send(self, write: Callable[[bytes | memoryview], None], id: object) -> None:
        """Write the line for a client: a large value is not copied for it."""
        if self is NOTHING and id is NO_ID:
            write(_NOTHING_LINE)
            return
        head = b'{"return": ' if self.good else b'{"error": '
        tail = b"}\n" if id is NO_ID else b', "id": %b}\n' % encode(id, exact=type(id) not in (int, str))
        text = memoryview(self.text)
        if len(text) < _LARGE:
            write(b"".join((head, text, tail)))
        else:
            write(head)
            write(text)
            write(tail)


NOTHING = Answer(True, b"{}")
"""What most commands return."""


def read(line: bytes) -> Answer:
    """Check one line of a guest; what is no answer becomes an error answer that says so."""
    if line == _NOTHING_LINE:
        return NOTHING
    try:
        if not line.isascii():
            line.decode()
        frame = _frame(line)
        if frame.id is not UNSET:
            return unreachable("the guest answered somebody else: its answer has an id, our request had none")
        if frame.error is UNSET and frame.result is not UNSET:
            return Answer(True, frame.result)
        if frame.result is UNSET and frame.error is not UNSET:
            _fault(frame.error)
            return Answer(False, frame.error)
    except _REFUSED:
        pass
    return unreachable("the guest sent something that is no answer")


def refusal(desc: str, error_class: str = "GenericError") -> Answer:
    """An error in the broker's own words."""
    return Answer(False, encode({"class": error_class, "desc": desc}))


def unreachable(desc: str) -> Answer:
    """No answer came, and none will."""
    return Answer(False, encode({"class": UNREACHABLE, "desc": desc}), reached=False)

"""Requests to bytes and answers to values, typed, straight from the bytes of the line."""

from __future__ import annotations

import re
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from guestwire.errors import ChannelClosed, CommandDisabled, CommandError, CommandNotFound, ProtocolError

T = TypeVar("T")

LONGEST_REQUEST = 64 << 20
"""Bytes. QEMU's parser takes no more, and what it says of a longer request is no answer that can be counted on."""

_NOTHING = b'{"return": {}}\n'
_encode = msgspec.json.Encoder().encode


class Fault(Struct):
    """The `error` member of an answer; `error_class` is "" where the guest left it out."""

    desc: str
    error_class: str = msgspec.field(name="class", default="")


class Reply(Struct, Generic[T]):
    """One answer: `result` or `error`; `id` only in an answer to somebody else, since our requests have none."""

    result: T | UnsetType = msgspec.field(name="return", default=UNSET)
    error: Fault | UnsetType = UNSET
    id: msgspec.Raw | UnsetType = UNSET


class Command(Generic[T]):
    """A command and how its answer is read. `result` is a type for msgspec; `silent` says success has no answer."""

    __slots__ = ("_decoder", "_result", "name", "request", "silent")

    def __init__(self, name: str, result: Any = Any, *, silent: bool = False) -> None:
        self.name = name
        self.silent = silent
        self.request = encode(name)
        self._result = result
        self._decoder: msgspec.json.Decoder[Reply[T]] | None = None

    def encode(self, arguments: dict[str, Any]) -> bytes:
        """The request's line. Arguments that are None are left out: absent is what the protocol means by it."""
        given = {name: value for name, value in arguments.items() if value is not None}
        return encode(self.name, given) if given else self.request

    def decode(self, line: bytes) -> T:
        """The value in an answer. Raises `CommandError` for an error answer, `ProtocolError` for what is no answer."""
        if line == _NOTHING and self._result is None:
            return None  # type: ignore[return-value]
        if self._decoder is None:
            self._decoder = _decoder(self._result)
        if line[0] == 0xFF:  # the sign of guest-sync-delimited
            line = line.lstrip(b"\xff")
        try:
            reply = self._decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise ProtocolError(f"the guest's answer is not what the command returns: {error}") from None
        if reply.id is not UNSET:
            raise ProtocolError(
                "the guest answered somebody else: its answer has an id, our request had none"
            )
        if reply.error is not UNSET:
            raise command_error(reply.error)
        if reply.result is UNSET:
            raise ProtocolError("the guest's answer has neither 'return' nor 'error'")
        return None if self._result is None else reply.result  # type: ignore[return-value]


def _decoder(result: Any) -> msgspec.json.Decoder[Any]:
    envelope: Any = Reply
    # A command that returns nothing answers {}; whatever it holds is not looked at.
    return msgspec.json.Decoder(envelope[msgspec.Raw if result is None else result])


def encode(name: str, arguments: dict[str, Any] | None = None) -> bytes:
    """One request, one line. Raises ValueError for what JSON cannot say (a path that is no Unicode), and for more than
    an agent takes.
    """
    request: dict[str, Any] = {"execute": name}
    if arguments:
        request["arguments"] = arguments
    try:
        line = _encode(request)
    except UnicodeEncodeError:
        raise ValueError(
            f"{name}: an argument cannot be sent: it is no Unicode text, as JSON wants it"
        ) from None
    except (msgspec.EncodeError, TypeError) as error:
        raise ValueError(f"{name}: an argument cannot be sent: {error}") from None
    if len(line) >= LONGEST_REQUEST:
        raise ValueError(
            f"{name}: a request of {len(line)} bytes, and no agent takes more than {LONGEST_REQUEST}"
        )
    return line + b"\n"


_BROKERS_NAME = re.compile(
    r"\A[^:\s]+: (?=(?:connecting|silent|busy|down): )"
)  # the error names the guest anyway


def command_error(fault: Fault) -> CommandError | ChannelClosed:
    """The exception for an error answer. Disabled and unknown commands share a class on the wire, but not here.

    An agent has no use for the class DeviceNotActive; a broker says by it that no answer came from the guest.
    """
    if fault.error_class == "DeviceNotActive":
        return ChannelClosed(_BROKERS_NAME.sub("", fault.desc))
    if fault.error_class == "CommandNotFound":
        return (CommandDisabled if "has been disabled" in fault.desc else CommandNotFound)(fault.desc)
    error = CommandError(fault.desc)
    if fault.error_class:
        error.error_class = fault.error_class
    return error

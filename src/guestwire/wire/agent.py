"""The agent's end of a conversation: bytes in, events out, no I/O.

Two ways lead from bytes to a request. Whole, plain requests go through the standard library's C scanner. All else
(split, odd or wrong input) goes through `Lexer` and `Parser`, which know every rule of QEMU's dialect and name the
place of an error. Both ways give the same requests.

A long argument that the caller has asked to stream (`streams`: command name to member name) is cut out of its request
while it arrives: `StreamStart`, any number of `StreamData`, then the `Request` with `streamed` set, or a `Fault`.
"""

from __future__ import annotations

from guestwire.wire.dialect import DUPLICATE_KEY, MAX_NESTING, DialectError, integer
from guestwire.wire.lexer import STRING, TOO_LONG, Lexer
from guestwire.wire.messages import NO_ID, Fault, Request, StreamData, StreamStart, request_of
from guestwire.wire.parser import Parser
from guestwire.wire.stringstream import ENDED, GOES_ON, OVERLONG, StringStream

try:
    from _json import make_scanner
except ImportError:  # an interpreter without the C module
    from json.scanner import py_make_scanner as make_scanner  # type: ignore[attr-defined,no-redef]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Union

    Event = Union[Request, Fault, StreamStart, StreamData]

_SPACE = " \t\r\n"

# Past so many faults in a row the rest is noise: it is skipped, unanswered, up to the next thing that looks like
# a request or a resync.
FLOOD = 100

# Hosts send the same few requests again and again (guest-ping above all): those without arguments are remembered.
MEMO_BYTES = 96
MEMO_ENTRIES = 32

# A request this long may have an argument to stream; where that begins is looked for in its first bytes.
LONG = 4096
HEAD_BYTES = 512


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise DialectError(DUPLICATE_KEY)
    return value


def _refuse(literal: str) -> Any:
    raise DialectError(literal)  # NaN and the infinities


def _double(literal: str) -> float:
    if literal.lstrip("-")[:2] in ("0e", "0E"):
        raise DialectError(literal)
    return float(literal)


class _Rules:
    strict = True
    object_hook = None
    object_pairs_hook = staticmethod(_object)
    parse_float = staticmethod(_double)
    parse_int = staticmethod(integer)
    parse_constant = staticmethod(_refuse)


_scan = make_scanner(_Rules)  # type: ignore[arg-type]

# What the scanner raises at text that it does not take. SystemError: before Python 3.12 it has no JSONDecodeError to
# raise unless `json` has been imported, which an agent's start cannot afford.
_NOT_TAKEN = (ValueError, StopIteration, RecursionError, SystemError)


class AgentProtocol:
    """`receive(data)` gives the events that these bytes complete, in order. Bytes may be cut anywhere."""

    def __init__(self, streams: Mapping[str, str] | None = None) -> None:
        self._streams = streams or {}
        self._lexer = Lexer()
        self._parser = Parser()
        self._stream: StringStream | None = None
        self._streamed: str | None = None  # the member of the request in hand that was streamed
        self._faults = 0  # in a row
        self._fresh = True  # nothing is held: the next byte begins something new
        self._head = b""  # what came before the string that is streamed, when the scanner took it
        self._known: dict[bytes, list[Event]] = {}

    def receive(self, data: bytes) -> list[Event]:
        """Requests, faults and pieces of streams; an empty list when all of it is still incomplete.

        The list is the protocol's own: read it, do not change it.
        """
        if self._fresh:
            known = self._known.get(data)
            if known is not None:
                self._lexer.skip(data)
                return known
        events: list[Event] = []
        remembering = self._fresh and len(data) <= MEMO_BYTES and len(self._known) < MEMO_ENTRIES
        rest = data
        while rest:
            size = len(rest)
            if self._stream:
                rest = self._to_line_end(self._through_stream(rest, events), events)
            elif self._fresh:
                rest = self._whole_requests(rest, events)
            if len(rest) >= size:
                self._piecewise(rest, events)
                rest = b""
            self._fresh = self._idle()
        if remembering and self._fresh and _is_memorable(events):
            self._known[data] = events
        return events

    def _idle(self) -> bool:
        return self._parser.idle and self._lexer.idle and not self._stream

    def _to_line_end(self, rest: bytes, events: list[Event]) -> bytes:
        """Behind a stream, let the lexer see the end of its line alone: what follows may be another long one."""
        end = rest.find(b"\n") + 1
        if not end or self._stream or self._idle():
            return rest
        self._piecewise(rest[:end], events)
        return rest[end:]

    def abandon(self) -> bool:
        """Forget a request that is half here, because its sender has gone. True when there was one."""
        half = not self._fresh
        self._fresh = True
        self._lexer.reset()
        self._parser.reset()
        self._stream = self._streamed = None
        self._head = b""
        return half

    def _whole_requests(self, data: bytes, events: list[Event]) -> bytes:
        """Take what the C scanner understands; returns the bytes that are left."""
        plain = data.lstrip(b"\xff")
        strays = len(data) - len(plain)
        for _ in range(min(strays, FLOOD)):
            self._push(*self._lexer.stray(b"\xff"), events)
        if strays > FLOOD:
            self._lexer.pass_over(2 * (strays - FLOOD))  # QEMU counts the column of each twice
        if len(plain) > LONG and self._open_stream_at_once(plain, events):
            return self._through_stream(plain[len(self._head) + 1 :], events)
        if not _looks_whole(plain):
            return plain
        used = self._scan_requests(plain, events)
        if used:
            self._lexer.skip(plain[:used])
        return plain[used:]

    def _scan_requests(self, data: bytes, events: list[Event]) -> int:
        """Requests by the C scanner, or by memory where a line is a known one; how many bytes they are."""
        text = data.decode("ascii")
        end, used = len(text.rstrip(_SPACE)), 0
        try:
            while used < end:
                line = data[used : data.find(b"\n", used) + 1]
                known = self._known.get(line)
                if known:
                    events += known
                    used += len(line)
                    continue
                at = used
                while text[at] in _SPACE:
                    at += 1
                if text[at] != "{":
                    break
                value, used = _scan(text, at)
                events.append(request_of(value, self._streamed))
                self._streamed = None
        except _NOT_TAKEN:
            pass  # the exact way says what is wrong, or waits for the rest
        return len(data) if used >= end else used

    def _piecewise(self, data: bytes, events: list[Event]) -> None:
        lexer = self._lexer
        lexer.feed(data)
        while not self._stream:
            token = lexer.next()
            if token is not None:
                self._push(*token, events)
            elif self._open_stream(events):
                lexer.feed(self._through_stream(lexer.take_open_string(), events))
            else:
                return

    def _push(self, kind: int, token: bytes, events: list[Event]) -> None:
        try:
            done = self._parser.push(kind, token)
        except DialectError as error:
            self._fault(str(error), events)
            return
        if done:
            events.append(request_of(done[0], self._streamed))
            self._streamed = None
            self._faults = 0

    def _fault(self, text: str, events: list[Event]) -> None:
        self._faults += 1
        if self._faults <= FLOOD or self._streamed:
            events.append(Fault(f"{self._lexer.line}:{self._lexer.column}: {text}"))
        if self._faults >= FLOOD and self._parser.idle:
            self._lexer.recover(to_object=True)
        self._streamed = None

    def _open_stream(self, events: list[Event]) -> bool:
        """Begin to stream when the string that is arriving is an argument the caller wants so."""
        if not self._lexer.open_string():
            return False
        path = self._parser.path()
        if path is None or len(path) != 2 or path[0] != "arguments":
            return False
        request, arguments = (frame.container for frame in self._parser.stack)
        name = request.get("execute") if isinstance(request, dict) else None
        if not isinstance(arguments, dict) or self._streams.get(str(name)) != path[1] or path[1] in arguments:
            return False
        self._stream, self._streamed = StringStream(), path[1]
        events.append(StreamStart(str(name), dict(arguments), path[1]))
        return True

    def _open_stream_at_once(self, data: bytes, events: list[Event]) -> bool:
        """The same for a request that begins with these bytes, if its head is plain: closed by hand, it must parse."""
        head = data[: max(0, data.rfind(b'"', 0, HEAD_BYTES))]
        if not head or b"\\" in head or b"\n" in head or not head.isascii():
            return False
        try:
            request, end = _scan(head.decode("ascii") + '""}}', 0)
            name, arguments = request["execute"], request["arguments"]
            member = self._streams[name]
            if end != len(head) + 4 or list(arguments)[-1] != member or arguments.pop(member) != "":
                return False
        except (*_NOT_TAKEN, LookupError, TypeError):
            return False
        self._head, self._stream, self._streamed = head, StringStream(), member
        self._lexer.pass_over(len(head) + 1)
        events.append(StreamStart(name, arguments, member))
        return True

    def _through_stream(self, data: bytes, events: list[Event]) -> bytes:
        """Give the string's text on; returns what the lexer must see next (nothing while the string goes on)."""
        assert self._stream is not None
        piece, used, state = self._stream.feed(data)
        self._lexer.pass_over(used)
        if piece:
            events.append(StreamData(piece))
        if state == GOES_ON:
            return b""
        self._stream = None
        if self._head:
            return self._end_at_once(state, data[used:], events)
        if state == ENDED:
            self._push(STRING, b'""', events)
            return data[used:]
        if state == OVERLONG:
            self._push(TOO_LONG, b"", events)
            self._lexer.recover()
            return data[used:]
        return b'"' + data[used:]  # the lexer names the byte that no string can hold

    def _end_at_once(self, state: int, rest: bytes, events: list[Event]) -> bytes:
        """The end of a stream whose head the scanner took: the request without the string is parsed as a whole."""
        head, self._head = self._head, b""
        self._lexer.pass_over(-len(head) - 1)
        if state == ENDED:
            self._lexer.pass_over(-1)
            end = rest.find(b"\n") + 1 or len(rest)
            return self._whole_requests(head + b'""' + rest[:end], events) + rest[end:]
        self._lexer.feed(head)
        while (token := self._lexer.next()) is not None:
            self._push(*token, events)
        if state == OVERLONG:
            self._push(TOO_LONG, b"", events)
            self._lexer.recover()
            return rest
        return b'"' + rest


def _is_memorable(events: list[Event]) -> bool:
    request = events[0] if len(events) == 1 else None
    return type(request) is Request and request.arguments is None and request.id is NO_ID


def _looks_whole(data: bytes) -> bool:
    """True when the C scanner may be tried: it ends like a request, and holds nothing that QEMU reads otherwise."""
    if not data.rstrip().endswith(b"}") or not data.isascii() or b"\\u" in data:
        return False
    brackets = data.count(b"{") + data.count(b"[") if len(data) > MAX_NESTING else 0
    return brackets <= MAX_NESTING

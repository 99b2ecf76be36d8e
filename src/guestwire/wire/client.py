"""The host's end of a conversation: bytes in, answers out, no I/O.

Laws

1. After opening, after a time-out and after anything unexpected the channel is STALE: what arrives was asked by
   somebody else, or by a call that nobody waits for any more. No request may be sent; `sync` comes first.
2. While SYNCING everything is thrown away but the answer that carries the newest sync id. What stands on a line
   before a 0xFF byte is the half answer of an earlier client.
3. READY: answers come in the order of the requests, one on a line. A line that nobody asked for makes it STALE again.
4. Nothing is kept without bound: an answer up to `max_reply` bytes, junk up to `max_junk` bytes in a row.

            opened()           sync()              its answer           sent()
    CLOSED ──────────► STALE ──────────► SYNCING ──────────────► READY ◄──────┐
      ▲                  ▲  abandon(), or a line nobody asked for  │ └────────┘
      └── closed() ──────┴──────────────────────────────────────────┘

Requests carry no `id`: agents before QEMU 4.0 refuse that member. Order and the handshake do the matching, as libvirt
and Proxmox do it.
"""

from __future__ import annotations

import json

from guestwire.errors import ProtocolError
from guestwire.wire.bounds import trouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CLOSED = "closed"
STALE = "stale"
SYNCING = "syncing"
READY = "ready"

# The ways to resync, the best one first. An agent's policy may forbid the first two; then an error answer that
# echoes the `id` member of a request has to do (QEMU 4.0 and later).
DELIMITED = "guest-sync-delimited"
PLAIN = "guest-sync"
ECHO = "guest-ping"

_NEXT_WAY = {DELIMITED: PLAIN, PLAIN: ECHO, ECHO: DELIMITED}

_SYNC_LINE = 4096  # no sync answer and no refusal of one is longer
_PIECE = 4096
_BLANK = b" \t\r\n"


class ClientProtocol:
    """One channel's state. `max_reply` and `max_junk` are bytes; junk is what answers no question of ours."""

    __slots__ = (
        "_begun",
        "_ending",
        "_junk",
        "_lines",
        "_size",
        "_sync_id",
        "max_junk",
        "max_reply",
        "outstanding",
        "state",
        "sync_way",
    )

    def __init__(self, *, max_reply: int = 64 << 20, max_junk: int | None = None) -> None:
        self.max_reply = max_reply
        self.max_junk = 4 * max_reply if max_junk is None else max_junk
        self.state = CLOSED
        self.sync_way = DELIMITED
        self.outstanding = 0
        self._forget()
        self._sync_id = -1

    def _forget(self) -> None:
        self.outstanding = 0
        self._begun: list[bytes | bytearray] = []  # pieces of the line that has not ended yet
        self._size = 0
        self._lines: list[bytes] = []  # whole answers not yet fetched, the oldest last
        self._junk = 0
        self._ending = b""

    # What the driver reports

    def opened(self) -> None:
        """The channel has been opened; who used it before is unknown."""
        self._forget()
        self.state = STALE
        self.sync_way = DELIMITED

    def closed(self) -> None:
        """The channel is gone, with all that was under way."""
        self._forget()
        self.state = CLOSED

    def abandon(self) -> None:
        """Nobody waits any longer for what has been asked: its late answers are for the next `sync` to throw away."""
        if self.state != CLOSED:
            self._forget()
            self.state = STALE

    def sync(self, sync_id: int) -> bytes:
        """Begin to resync; returns the bytes to write. `sync_id` is fresh and random, 0 to 2^63 - 1.

        The 0xFF in front makes the agent forget half a request of an earlier client, and answer with an error line.
        """
        if self.state == CLOSED:
            raise ProtocolError("sync on a channel that is not open")
        if self.state != SYNCING:
            self._forget()
            self.state = SYNCING
        self._sync_id = sync_id
        if self.sync_way == ECHO:
            return b'\xff{"execute": "guest-ping", "id": %d}\n' % sync_id
        return b'\xff{"execute": "%s", "arguments": {"id": %d}}\n' % (self.sync_way.encode(), sync_id)

    def sent(self) -> None:
        """One request is on its way. Several may be, and are answered in order."""
        if self.state != READY:
            raise ProtocolError(f"request on a channel that is {self.state}")
        self.outstanding += 1

    # What arrives

    def receive(self, data: bytes) -> bytes | None:
        """Take in what was read (not empty); returns the next whole answer, one line, when there is one.

        While SYNCING it returns None always: look at `state`, and at `sync_way`, which moves on when the agent refuses
        the way that was tried. Raises `ProtocolError` when a bound is broken; the channel is STALE then.
        """
        if self.state == READY:
            end = data.find(b"\n")
            if end == len(data) - 1 and self.outstanding and not self._begun and not self._lines and end > 1:
                self.outstanding -= 1
                if end > 1024 and (fault := trouble(data)):
                    self._refuse(fault)
                return data
            self._gather(data, end)
            return self.next_reply()
        if self.state == SYNCING:
            self._scan(data)
        return None

    def next_reply(self) -> bytes | None:
        """A further answer that came in the same read, if there is one."""
        return self._lines.pop() if self._lines else None

    def _gather(self, data: bytes, end: int) -> None:
        """Cut `data` into lines; `end` is where its first newline stands, -1 for nowhere."""
        start = 0
        found: list[bytes] = []
        while end >= 0:
            line = data[start:end]
            if self._begun:
                self._keep(line)
                line = b"".join(self._begun)
                self._begun, self._size = [], 0
            start = end + 1
            end = data.find(b"\n", start)
            if not line.strip(_BLANK):
                rest = len(data[start:].lstrip(_BLANK))  # a flood of blank lines must not cost a step each
                self._count_junk(1 + len(line) + len(data) - start - rest)
                start = len(data) - rest
                end = data.find(b"\n", start)
            elif self.outstanding:
                self._accept(line)
                found.append(line)
            else:
                self.abandon()  # a line that nobody asked for: we are out of step
                break
        else:
            self._keep(data[start:] if start else data)
        self._lines = found[::-1] + self._lines

    def _accept(self, line: bytes) -> None:
        self.outstanding -= 1
        self._junk = 0
        if fault := trouble(line):
            self._refuse(fault)

    def _keep(self, piece: bytes) -> None:
        if not self.outstanding:
            if piece.strip(_BLANK):
                self.abandon()
            return
        self._size += len(piece)
        if self._size > self.max_reply:
            self._refuse(f"an answer longer than {self.max_reply} bytes")
        last = self._begun[-1] if self._begun else None
        if len(piece) >= _PIECE:
            self._begun.append(piece)
        elif isinstance(last, bytearray) and len(last) < _PIECE:
            last += piece  # a trickle of single bytes must not cost an object each
        elif piece:
            self._begun.append(bytearray(piece))

    def _scan(self, data: bytes) -> None:
        self._count_junk(len(data))
        data = self._ending + data
        start = 0 if self._may_answer_sync(data) else data.rfind(b"\n") + 1
        while (end := data.find(b"\n", start)) >= 0:
            line = data[max(start, data.rfind(b"\xff", start, end) + 1, end - _SYNC_LINE) : end]
            start = end + 1
            if self._answers_sync(line):
                self._forget()  # whatever else was read with it was unasked for
                self.state = READY
                return
        rest = data[start:]
        self._ending = rest[rest.rfind(b"\xff") + 1 :][-_SYNC_LINE:]

    def _may_answer_sync(self, data: bytes) -> bool:
        """Whether one of these lines could be the answer or a refusal: one look at all of a flood, not one a line."""
        return b"%d" % self._sync_id in data or b"ommand %s " % self.sync_way.encode() in data

    def _answers_sync(self, line: bytes) -> bool:
        """Whether this line is the answer; a refusal of the way tried moves `sync_way` to the next one."""
        if self.sync_way != ECHO and b"ommand %s " % self.sync_way.encode() in line:
            if _error_class(line) == "CommandNotFound":
                self.sync_way = _NEXT_WAY[self.sync_way]
            return False
        if b"%d" % self._sync_id not in line:
            return False
        answer = _object(line)
        return answer.get("id" if self.sync_way == ECHO else "return") == self._sync_id

    def _count_junk(self, size: int) -> None:
        self._junk += size
        if self._junk > self.max_junk:
            self._refuse(f"more than {self.max_junk} bytes that answer nothing")

    def _refuse(self, what: str) -> None:
        self.abandon()
        raise ProtocolError(f"the guest sent {what}")


def _object(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _error_class(line: bytes) -> object:
    error = _object(line).get("error")
    return error.get("class") if isinstance(error, dict) else None

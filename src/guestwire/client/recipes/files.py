"""Read and write whole files of the guest, in pieces of a size that suits the channel."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from guestwire.client.codec import encode
from guestwire.client.flows import ask
from guestwire.client.recipes.commands import (
    CLOSE,
    FLUSH,
    OPEN,
    READ,
    SEEK,
    WRITE,
    Chunk,
    Written,
    write_request,
)
from guestwire.client.recipes.pipeline import Job, pipeline
from guestwire.errors import CommandError, GuestwireError, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from guestwire.client.effects import Flow
    from guestwire.client.session import Session

T = TypeVar("T")

READ_LIMIT = 256 << 20
"""Bytes that `read_file` takes unless told otherwise: a guest can make a file endless."""

_SMALLEST = 48 << 10
_LARGEST = 1 << 20
_FITTING = 144 << 10  # fits a socket's buffer as base64: the agent reads on while we take a piece in
_QUICK = 0.05  # seconds; a piece that takes less may grow
_SLOW = 0.5
_MOST_EMPTY = 16  # answers in a row that bring nothing and no end
_FAREWELL = 2.0  # seconds for closing a handle after trouble
_ROOM = 4096  # bytes of a request or answer that are not data


class Pace:
    """The size of the next piece, in bytes: grows on a quick channel, shrinks on a slow one.

    Always a multiple of 3, so that base64 has no padding, and small enough for a channel that passes at most
    `max_message` bytes at once.
    """

    def __init__(self, max_message: int, clock: Callable[[], float]) -> None:
        self._most = max(3, min(_LARGEST, (max_message - _ROOM) * 3 // 4) // 3 * 3)
        self.size = min(_SMALLEST, self._most)
        self._clock = clock
        self._last: float | None = None

    def answered(self) -> None:
        """Note that a piece has been answered."""
        now = self._clock()
        if self._last is not None:
            took = now - self._last
            if took < _QUICK:
                self.size = min(2 * self.size, self._most)
            elif took > _SLOW:
                self.size = max(self.size // 6 * 3, min(_SMALLEST, self._most))
        self._last = now


def with_handle(session: Session, path: str, mode: str, body: Callable[[int], Flow[T]]) -> Flow[T]:
    """Open a file, do `body(handle)`, close it. After trouble the close is tried for two seconds at most."""
    handle = yield from ask(session, OPEN, OPEN.encode({"path": path, "mode": mode}))
    close = CLOSE.encode({"handle": handle})
    try:
        result = yield from body(handle)
    except GeneratorExit:
        raise
    except BaseException:
        with suppress(GuestwireError):
            yield from ask(session, CLOSE, close, min(_FAREWELL, session.timeout))
        raise
    yield from ask(session, CLOSE, close)
    return result


def read_all(session: Session, handle: int, sink: Callable[[bytes], object], limit: int | None) -> Flow[int]:
    """Read from where `handle` stands to the end of the file, giving each piece to `sink`; returns the bytes read.

    Raises `ProtocolError` past `limit` bytes, and for a guest that sends more than it was asked for, or nothing.
    """
    pace = Pace(session.max_answer, session.clock)
    asked: list[int] = []  # sizes under way, the oldest first
    total = empty = 0

    def produce() -> bytes:
        count = min(pace.size, _FITTING) if session.overlap else pace.size
        asked.append(count)
        return encode("guest-file-read", {"handle": handle, "count": count})

    def consume(chunk: Chunk) -> bool:
        nonlocal total, empty
        pace.answered()
        data = chunk.data
        size = len(data)
        if size > asked.pop(0):
            raise ProtocolError("the guest sent more of the file than it was asked for", guest=session.guest)
        total += size
        empty = 0 if size else empty + 1
        if limit is not None and total > limit:
            raise ProtocolError(f"the file goes on past {limit} bytes", guest=session.guest)
        if empty > _MOST_EMPTY:
            raise ProtocolError("the guest sends neither data nor the end of the file", guest=session.guest)
        if size:
            sink(data)
        return not chunk.eof

    yield from pipeline(session, Job(READ, produce, consume))
    return total


def write_all(session: Session, handle: int, source: Callable[[int], bytes | memoryview]) -> Flow[int]:
    """Write what `source(size)` gives until it gives nothing, and flush; returns the bytes written."""
    pace = Pace(session.max_request, session.clock)
    under_way: list[int] = []
    total = 0

    def produce() -> bytes | None:
        data = source(pace.size)
        if not data:
            return None
        under_way.append(len(data))
        return write_request(handle, data)

    def consume(written: Written) -> bool:
        nonlocal total
        pace.answered()
        size = under_way.pop(0)
        if written.count != size:
            raise ProtocolError(f"the guest wrote {written.count} bytes of {size}", guest=session.guest)
        total += size
        return True

    yield from pipeline(session, Job(WRITE, produce, consume))
    yield from ask(session, FLUSH, FLUSH.encode({"handle": handle}))
    return total


def seek(session: Session, handle: int, offset: int, whence: int = 0) -> Flow[int]:
    """Move a handle; `whence` as in `io`. Returns the position, in bytes from the start."""
    request = SEEK.encode({"handle": handle, "offset": offset, "whence": whence})
    position = (yield from ask(session, SEEK, request)).position
    if position < 0:
        what = "the guest sought to a negative position"
        raise ProtocolError(what, guest=session.guest, command=SEEK.name)
    return position


def read_file(session: Session, path: str, *, limit: int = READ_LIMIT) -> Flow[bytes]:
    """Return the content of a file. Raises `CommandError` for what the guest refuses.

    A file of more than `limit` bytes raises `ProtocolError`.
    """
    pieces: list[bytes] = []
    yield from with_handle(session, path, "r", lambda handle: read_all(session, handle, pieces.append, limit))
    return b"".join(pieces)


def write_file(session: Session, path: str, data: bytes, *, append: bool = False) -> Flow[int]:
    """Write `data` to a file, which is made or emptied first, or grows with `append`; returns the bytes written."""
    rest = memoryview(data)

    def source(size: int) -> memoryview:
        nonlocal rest
        piece, rest = rest[:size], rest[size:]
        return piece

    return (
        yield from with_handle(
            session, path, "a" if append else "w", lambda handle: write_all(session, handle, source)
        )
    )


def file_size(session: Session, path: str) -> Flow[int]:
    """The size of a file, in bytes; 0 for one that is not there or cannot be sought in."""
    try:
        return (yield from with_handle(session, path, "r", lambda handle: seek(session, handle, 0, 2)))
    except CommandError:
        return 0

"""Channels in memory, on a clock that only moves when somebody waits."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Protocol, Union

if TYPE_CHECKING:
    from collections.abc import Iterable

Piece = Union[bytes, float, None]
"""What one read brings: bytes, a delay in seconds before what follows, or None for the end of the channel."""


class Peer(Protocol):
    """The guest's end of a channel in memory."""

    def connected(self) -> Iterable[Piece]:
        """What arrives unasked after a client connects."""

    def receive(self, data: bytes) -> Iterable[Piece]:
        """What arrives in answer to `data`."""


class FakeClock:
    """A clock for `clock=`, and its `sleep` for `sleep=`."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The time, in seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.now += max(seconds, 0)


class MemoryChannel:
    """A blocking transport to `peer`. A read that would wait for ever lets its whole time-out pass on `clock`.

    `trouble` is raised by the next opening, for tests of guests that are not there.
    """

    max_request = 48 << 20
    max_answer = 64 << 20

    def __init__(self, peer: Peer, clock: FakeClock | None = None, *, trouble: OSError | None = None) -> None:
        self.clock = clock or FakeClock()
        self.trouble = trouble
        self.opened = 0
        self._peer = peer
        self._pieces: deque[Piece] | None = None

    def open(self, timeout: float) -> None:
        """Connect, unless there is `trouble`."""
        if self.trouble is not None:
            raise self.trouble
        self.opened += 1
        self._pieces = deque(self._peer.connected())

    def write(self, data: bytes, timeout: float) -> None:
        """Give `data` to the peer."""
        self._arriving().extend(self._peer.receive(data))

    def read(self, timeout: float) -> bytes:
        """Return the next piece, after the delays in front of it."""
        pieces = self._arriving()
        while pieces and timeout > 0:
            piece = pieces.popleft()
            if piece is None:
                self._pieces = None
                break
            if isinstance(piece, bytes):
                return piece
            if piece > timeout:
                pieces.appendleft(piece - timeout)
                break
            self.clock.sleep(piece)
            timeout -= piece
        if self._pieces is None:
            raise ConnectionError("the other end closed the channel")
        self.clock.sleep(timeout)  # harmless when negative
        raise TimeoutError

    def close(self) -> None:
        """Hang up; what has not been read is lost."""
        self._pieces = None

    def interrupt(self) -> None:
        """Hang up, as the other end sees it."""
        self._pieces = None

    def waiting_behind(self) -> bool | None:
        """Nobody else is here."""
        return False

    def _arriving(self) -> deque[Piece]:
        if self._pieces is None:
            raise ConnectionError("the channel is not open")
        return self._pieces


class AsyncMemoryChannel:
    """The same as an asyncio transport."""

    max_request = MemoryChannel.max_request
    max_answer = MemoryChannel.max_answer

    def __init__(self, peer: Peer, clock: FakeClock | None = None, *, trouble: OSError | None = None) -> None:
        self.inner = MemoryChannel(peer, clock, trouble=trouble)
        self.clock = self.inner.clock

    async def open(self, timeout: float) -> None:
        """See `MemoryChannel`."""
        self.inner.open(timeout)

    def write(self, data: bytes) -> bool:
        """See `MemoryChannel`."""
        self.inner.write(data, 0)
        return True

    async def drained(self, timeout: float) -> None:
        """Writing never waits here."""

    def take(self) -> bytes:
        """Nothing is kept: `arrival` brings all of it."""
        return b""

    def arrival(self, timeout: float) -> asyncio.Future[bytes]:
        """See `MemoryChannel.read`; other tasks run before it is done."""
        future = asyncio.get_running_loop().create_future()
        try:
            future.set_result(self.inner.read(timeout))
        except OSError as error:
            future.set_exception(error)
        return asyncio.ensure_future(_later(future))

    async def close(self) -> None:
        """See `MemoryChannel`."""
        self.inner.close()

    def waiting_behind(self) -> bool | None:
        """Nobody else is here."""
        return False


async def _later(future: asyncio.Future[bytes]) -> bytes:
    await asyncio.sleep(0)
    return await future

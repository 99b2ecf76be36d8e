"""What a driver needs of a channel. A transport moves bytes; it knows nothing of what they say.

Time-outs are seconds from now, `inf` for none. All of it raises `TimeoutError` when time is up and `OSError` for
trouble; the end of the channel is a `ConnectionError`.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable


class Limits(Protocol):
    """What a way of travel allows, in bytes: libvirt sets narrow bounds, a socket none."""

    @property
    def max_request(self) -> int:
        """The longest request that gets through."""

    @property
    def max_answer(self) -> int:
        """The longest answer that gets through."""

    def waiting_behind(self) -> bool | None:
        """Whether our connection still waits to be accepted; None when that cannot be seen."""


class Transport(Limits, Protocol):
    """A blocking channel."""

    def open(self, timeout: float) -> None:
        """Connect. `BlockingIOError`: the other end is busy and its queue full, try again."""

    def write(self, data: bytes, timeout: float) -> None:
        """Write all of `data`."""

    def read(self, timeout: float) -> bytes:
        """Return what is there, at least one byte."""

    def close(self) -> None:
        """Close; harmless when not open."""

    def interrupt(self) -> None:
        """Called by another thread: make a read or write under way fail with ConnectionError, if that can be done."""


class AsyncTransport(Limits, Protocol):
    """A channel on an event loop. Writing and reading are plain calls where they need not wait."""

    async def open(self, timeout: float) -> None:
        """Connect. `BlockingIOError` as above."""

    def write(self, data: bytes) -> bool:
        """Take all of `data` for writing; False when `drained` should be awaited before more is given."""

    async def drained(self, timeout: float) -> None:
        """Wait until the other end has taken most of what was written."""

    def take(self) -> bytes:
        """Return what has arrived, b"" when that is nothing."""

    def arrival(self, timeout: float) -> Awaitable[bytes]:
        """Wait for the next bytes to arrive, after `take` gave none."""

    async def close(self) -> None:
        """Close; harmless when not open."""


class Endpoint(Protocol):
    """Where a stream socket connects to: one file a kind."""

    asks_name_server: bool

    def candidates(self) -> list[tuple[int, object]]:
        """The socket families and addresses to try, in order. May ask a name server."""

    def prepare(self, sock: socket.socket) -> None:
        """Set options before connecting."""

    def waiting_behind(self, sock: socket.socket) -> bool | None:
        """See `Limits.waiting_behind`."""


def drain(sock: socket.socket) -> None:
    """Take what has arrived before closing: a C agent on unix-listen dies when a client leaves answers unread."""
    with suppress(OSError):
        for _ in range(64):
            if not sock.recv(1 << 16, socket.MSG_DONTWAIT):
                return

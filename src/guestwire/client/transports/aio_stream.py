"""A stream socket on an asyncio event loop.

A protocol, not asyncio's streams, which cost three times the work. One alarm serves all reads: it is set for the first
deadline and moved only when it goes off or comes too late, so that a call answered in time never touches a timer.
"""

from __future__ import annotations

import asyncio
import socket
import time
import types
from math import inf
from typing import TYPE_CHECKING, cast

from guestwire.client.transports.base import drain
from guestwire.client.transports.polling import SPAN, Polling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from guestwire.client.transports.base import Endpoint

_SMALL = 8 << 10  # a process may hold hundreds of channels
_LARGE = 1 << 20
_MOST_KEPT = 1 << 20  # bytes that arrived and nobody has read: past that the kernel shall hold the guest back


class AsyncStreamTransport(asyncio.BufferedProtocol):
    """One connection to `endpoint`.

    Who sets `listener` is called with all that arrives, and with b"" at the end of the channel, instead of reading.
    """

    max_request = 48 << 20
    max_answer = 64 << 20

    def __init__(self, endpoint: Endpoint) -> None:
        self.listener: Callable[[bytes], None] | None = None
        self._endpoint = endpoint
        self._socket: socket.socket | None = None
        self._wire: asyncio.Transport | None = None
        self._space = memoryview(bytearray(_SMALL))
        self._arrived: list[bytes] = []
        self._kept = 0
        self._waiter: asyncio.Future[bytes] | None = None
        self._ends = inf
        self._alarm: asyncio.TimerHandle | None = None
        self._flowing: asyncio.Future[None] | None = None  # pending while writing is held up
        self._end: OSError | None = None
        self._gone: asyncio.Future[None] | None = None
        self._polling = Polling()

    async def open(self, timeout: float) -> None:
        """Connect to the first candidate that answers."""
        async with asyncio.timeout(None if timeout == inf else timeout):
            await self._connect()

    async def _connect(self) -> None:
        self._loop = loop = asyncio.get_running_loop()
        trouble: OSError = ConnectionError("the host has no address")
        for family, place in await _candidates(self._endpoint):
            sock = socket.socket(family, socket.SOCK_STREAM)
            sock.setblocking(False)
            try:
                self._endpoint.prepare(sock)
                if family == socket.AF_UNIX:
                    sock.connect(place)  # type: ignore[arg-type]  # is done at once, or fails with EAGAIN
                    self._reset()
                    await loop.create_unix_connection(lambda: self, sock=sock)
                else:
                    await loop.sock_connect(sock, place)  # type: ignore[arg-type]
                    self._reset()
                    await loop.create_connection(lambda: self, sock=sock)
            except OSError as error:
                sock.close()
                trouble = error
            except BaseException:
                sock.close()
                raise
            else:
                self._socket = sock
                return
        try:
            raise trouble
        finally:
            del trouble  # it would keep this frame, and with it the channel, alive

    def _reset(self) -> None:
        self._arrived, self._kept, self._end = [], 0, None
        self._gone = self._loop.create_future()

    # What the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._wire = cast("asyncio.Transport", transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        """One buffer serves all reads: what arrives is copied out at once."""
        return self._space

    def buffer_updated(self, nbytes: int) -> None:
        """Hand what arrived to the reader that waits for it, or keep it."""
        data = bytes(self._space[:nbytes])
        waiter = self._waiter
        if self.listener is not None:
            self.listener(data)
        elif waiter is not None and not waiter.done():
            self._waiter = None
            waiter.set_result(data)
        else:
            self._arrived.append(data)
            self._kept += nbytes
            if self._kept > _MOST_KEPT and self._wire is not None:
                self._wire.pause_reading()
        if nbytes == len(self._space) < _LARGE:
            self._space = memoryview(bytearray(2 * nbytes))

    def eof_received(self) -> bool:
        """Let the event loop close our side too."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake whoever waits."""
        self._end = ConnectionError(str(exc) if exc else "the other end closed the channel")
        self._wire = self._socket = None
        for future in (self._waiter, self._flowing):
            if future is not None and not future.done():
                future.set_exception(self._end)
        self._waiter = self._flowing = None
        if self._gone is not None and not self._gone.done():
            self._gone.set_result(None)
        if self.listener is not None:
            self.listener(b"")

    def pause_writing(self) -> None:
        """The other end is slow."""
        self._flowing = self._loop.create_future()

    def resume_writing(self) -> None:
        """It has caught up."""
        flowing, self._flowing = self._flowing, None
        if flowing is not None and not flowing.done():
            flowing.set_result(None)

    # What the driver calls

    def write(self, data: bytes) -> bool:
        """See `AsyncTransport`."""
        if self._wire is None:
            raise self._end or ConnectionError("the channel is not open")
        self._wire.write(data)
        return self._flowing is None

    async def drained(self, timeout: float) -> None:
        """See `AsyncTransport`."""
        if self._flowing is not None:
            async with asyncio.timeout(None if timeout == inf else timeout):
                await asyncio.shield(self._flowing)

    def take(self) -> bytes:
        """See `AsyncTransport`."""
        if not self._arrived:
            return b""
        data = self._arrived[0] if len(self._arrived) == 1 else b"".join(self._arrived)
        self._arrived, self._kept = [], 0
        if self._wire is not None:
            self._wire.resume_reading()
        return data

    async def arrival(self, timeout: float) -> bytes:
        """See `AsyncTransport`. Polls by turns of the event loop, so that other tasks go on."""
        if timeout > 0 and self._polling.worth_it():
            clock = time.monotonic
            ends = clock() + SPAN
            while not self._arrived and self._wire is not None and clock() < ends:
                await _turn()
            self._polling.ended(clock() < ends)
            if self._arrived:
                return self.take()
        return await self._next(timeout)

    def _next(self, timeout: float) -> asyncio.Future[bytes]:
        waiter = self._waiter = self._loop.create_future()
        if self._wire is None:
            waiter.set_exception(self._end or ConnectionError("the channel is not open"))
            self._waiter = None
        elif timeout <= 0:
            waiter.set_exception(TimeoutError())
            self._waiter = None
        elif timeout < inf:
            self._ends = ends = self._loop.time() + timeout
            if self._alarm is None or self._alarm.when() > ends:
                self._set_alarm(ends)
        else:
            self._ends = inf
        return waiter

    def _set_alarm(self, when: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._loop.call_at(when, self._alarmed)

    def _alarmed(self) -> None:
        self._alarm = None
        waiter = self._waiter
        if waiter is None or waiter.done() or self._ends == inf:
            return
        if self._loop.time() < self._ends:
            self._set_alarm(self._ends)
        else:
            self._waiter = None
            waiter.set_exception(TimeoutError())

    async def close(self) -> None:
        """Close; returns when the socket is closed."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._wire is not None and self._socket is not None:
            drain(self._socket)
            self._wire.abort()
        if self._gone is not None:
            await asyncio.shield(self._gone)

    def waiting_behind(self) -> bool | None:
        """See `Limits`."""
        return None if self._socket is None else self._endpoint.waiting_behind(self._socket)


@types.coroutine
def _turn() -> Iterator[None]:
    """Let the event loop go round once."""
    yield


async def _candidates(endpoint: Endpoint) -> list[tuple[int, object]]:
    """Ask a name server in a thread; other kinds know at once."""
    return (
        await asyncio.to_thread(endpoint.candidates) if endpoint.asks_name_server else endpoint.candidates()
    )

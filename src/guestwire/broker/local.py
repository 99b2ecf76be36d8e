"""A client inside the broker's own process: the same queue and rules, no socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guestwire.broker.client import Client, Line


class LocalTransport:
    """An `AsyncTransport` to a guest of this broker. `enter` makes the client, `leave` ends it."""

    max_request = 48 << 20
    max_answer = 64 << 20

    def __init__(self, enter: Callable[[Line], Client], leave: Callable[[Client], None]) -> None:
        self._enter = enter
        self._leave = leave
        self._client: Client | None = None
        self._arrived: list[bytes] = []
        self._waiter: asyncio.Future[bytes] | None = None
        self._alarm: asyncio.TimerHandle | None = None

    # What the client calls

    def write_back(self, data: bytes | memoryview) -> None:
        """Take a piece of an answer."""
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(bytes(data))
        else:
            self._arrived.append(bytes(data))

    # What the driver calls

    async def open(self, timeout: float) -> None:
        """See `AsyncTransport`."""
        self._arrived.clear()
        self._client = self._enter(_Back(self))

    def write(self, data: bytes) -> bool:
        """See `AsyncTransport`."""
        if self._client is None:
            raise ConnectionError("the channel is not open")
        self._client.receive(data)
        return True

    async def drained(self, timeout: float) -> None:
        """Writing never waits here."""

    def take(self) -> bytes:
        """See `AsyncTransport`."""
        data = b"".join(self._arrived)
        self._arrived.clear()
        return data

    def arrival(self, timeout: float) -> asyncio.Future[bytes]:
        """See `AsyncTransport`."""
        loop = asyncio.get_running_loop()
        waiter = self._waiter = loop.create_future()
        if self._client is None:
            waiter.set_exception(ConnectionError("the channel is not open"))
        elif timeout != inf:
            alarm = loop.call_later(max(timeout, 0), _give_up, waiter)
            waiter.add_done_callback(lambda _: alarm.cancel())
        return waiter

    async def close(self) -> None:
        """See `AsyncTransport`."""
        self.end()

    def end(self) -> None:
        """The guest is served no longer, or the caller needs it no longer."""
        client, self._client = self._client, None
        if client is not None:
            self._leave(client)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(ConnectionError("the broker has closed the channel"))
            self._waiter = None

    def waiting_behind(self) -> bool | None:
        """See `Limits`."""
        return False


class _Back:
    """The way back to the caller, who takes whatever comes."""

    def __init__(self, transport: LocalTransport) -> None:
        self.write = transport.write_back
        self.end = transport.end

    def pause(self, paused: bool) -> None:
        """The caller waits for each answer by itself."""


def _give_up(waiter: asyncio.Future[bytes]) -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError())

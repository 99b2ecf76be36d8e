"""A blocking transport on an event loop: for ways of travel that have no asyncio form, such as libvirt."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guestwire.client.transports.base import Transport


class ThreadedTransport:
    """Each step of `inner` runs in a thread of the event loop's pool; its own time-outs end it."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self._unwritten: list[bytes] = []
        self.max_request = inner.max_request
        self.max_answer = inner.max_answer

    async def open(self, timeout: float) -> None:
        """See `AsyncTransport`."""
        self._unwritten.clear()
        await asyncio.to_thread(self._inner.open, timeout)

    def write(self, data: bytes) -> bool:
        """See `AsyncTransport`; it is `drained` that writes."""
        self._unwritten.append(data)
        return False

    async def drained(self, timeout: float) -> None:
        """See `AsyncTransport`."""
        data = b"".join(self._unwritten)
        self._unwritten.clear()
        await asyncio.to_thread(self._inner.write, data, timeout)

    def take(self) -> bytes:
        """See `AsyncTransport`; nothing arrives unasked."""
        return b""

    def arrival(self, timeout: float) -> asyncio.Future[bytes]:
        """See `AsyncTransport`."""
        return asyncio.ensure_future(asyncio.to_thread(self._inner.read, timeout))

    async def close(self) -> None:
        """See `AsyncTransport`."""
        await asyncio.to_thread(self._inner.close)

    def waiting_behind(self) -> bool | None:
        """See `Limits`."""
        return self._inner.waiting_behind()

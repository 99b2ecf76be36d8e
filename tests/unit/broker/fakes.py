"""Guests on sockets in the test's own event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from guestwire.testing import FakeGuest


class Door:
    """One guest's socket. `hold` makes it keep its answers back; `hang_up` closes its connections."""

    def __init__(self, guest: FakeGuest) -> None:
        self.guest = guest
        self.go = asyncio.Event()
        self.go.set()
        self.writers: set[asyncio.StreamWriter] = set()

    def hold(self) -> None:
        self.go.clear()

    def hang_up(self) -> None:
        for writer in self.writers:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        try:
            while data := await reader.read(1 << 16):
                for piece in self.guest.receive(data):
                    if b"\xff" not in piece:
                        await self.go.wait()
                    writer.write(piece)
        except OSError:
            pass
        finally:
            self.writers.discard(writer)
            writer.close()


@contextlib.asynccontextmanager
async def guest(path: Path, answers: dict[str, Any] | None = None, **more: Any) -> AsyncIterator[Door]:
    door = Door(FakeGuest(answers, **more))
    server = await asyncio.start_unix_server(door.serve, str(path))
    try:
        yield door
    finally:
        door.go.set()
        server.close()
        door.hang_up()
        await asyncio.sleep(0)


async def until(there: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not there():
            await asyncio.sleep(0.005)

"""A guest's file for the asyncio client: the methods of a binary file, as coroutines."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Self

from guestwire.client.codec import encode
from guestwire.client.flows import ask
from guestwire.client.recipes.commands import CLOSE, FLUSH, OPEN, READ
from guestwire.client.recipes.files import read_all, seek, write_all
from guestwire.errors import ProtocolError

if TYPE_CHECKING:
    from guestwire.client.flavour import Asynchronous

_MODES = ("r", "w", "a", "r+", "w+", "a+")


class AsyncGuestFile:
    """Opened by `async with agent.open(path, mode)`; bytes only, unbuffered on this side."""

    def __init__(self, agent: Asynchronous, path: str, mode: str) -> None:
        plain = mode.replace("b", "")
        if plain not in _MODES:
            raise ValueError(f"invalid mode: {mode!r}; files are binary here")
        self._agent = agent
        self._session = agent.session
        self.name = path
        self.mode = plain
        self._handle: int | None = None

    async def __aenter__(self) -> Self:
        request = OPEN.encode({"path": self.name, "mode": self.mode})
        self._handle = await self._agent.drive(ask(self._session, OPEN, request))
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    @property
    def handle(self) -> int:
        """The agent's number for this file. Raises ValueError when it is not open."""
        if self._handle is None:
            raise ValueError("I/O operation on closed file")
        return self._handle

    async def read(self, size: int = -1) -> bytes:
        """Read at most `size` bytes, fewer only where the agent gives fewer; without a size, to the end."""
        if size < 0:
            pieces: list[bytes] = []
            await self._agent.drive(read_all(self._session, self.handle, pieces.append, None))
            return b"".join(pieces)
        count = min(size, max(3, (self._session.max_answer - 4096) * 3 // 4))
        request = encode(READ.name, {"handle": self.handle, "count": count})
        data = (await self._agent.drive(ask(self._session, READ, request))).data
        if len(data) > count:
            raise ProtocolError(
                "the guest sent more of the file than it was asked for", guest=self._session.guest
            )
        return data

    async def write(self, data: bytes) -> int:
        """Write all of `data`; returns its length."""
        rest = memoryview(data)

        def source(size: int) -> memoryview:
            nonlocal rest
            piece, rest = rest[:size], rest[size:]
            return piece

        return await self._agent.drive(write_all(self._session, self.handle, source))

    async def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move; returns the position in bytes."""
        return await self._agent.drive(seek(self._session, self.handle, offset, whence))

    async def flush(self) -> None:
        """Have the agent write out what it buffers."""
        await self._agent.drive(ask(self._session, FLUSH, FLUSH.encode({"handle": self.handle})))

    async def close(self) -> None:
        """Close the handle; harmless when closed."""
        handle, self._handle = self._handle, None
        if handle is not None:
            await self._agent.drive(ask(self._session, CLOSE, CLOSE.encode({"handle": handle})))

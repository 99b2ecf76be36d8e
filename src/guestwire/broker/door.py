"""A guest's socket: every connection to it is a client."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import socket
import stat
from typing import TYPE_CHECKING, cast

from guestwire.broker.principal import of_peer
from guestwire.errors import StartError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from guestwire.broker.client import Client, Line
    from guestwire.broker.principal import Principal

MOST_CLIENTS = 1024
"""Connections that one guest has at the same time; further ones are closed at once."""

MOST_OF_ONE = 256
"""The same of one user, so that nobody can keep the others out."""

_BACKLOG = 128
_REST = 0.5

_space = memoryview(
    bytearray(256 << 10)
)  # what arrives is copied out at once: one buffer serves all connections


class Connection(asyncio.BufferedProtocol):
    """One connection. `enter` makes the client of it, `leave` ends that."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._transport: asyncio.Transport | None = None
        self._client: Client | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, unless there are too many or nobody can say who it is."""
        self._transport = cast("asyncio.Transport", transport)
        try:
            sock: socket.socket = transport.get_extra_info("socket")
            self._client = self._door.admit(self, of_peer(sock))
        except OSError:
            self._transport.abort()
        else:
            self.write = self._transport.write  # type: ignore[method-assign]  # a step less for every answer

    def get_buffer(self, sizehint: int) -> memoryview:
        """See `_space`."""
        return _space

    def buffer_updated(self, nbytes: int) -> None:
        """Hand on what has arrived."""
        if self._client is not None:
            self._client.receive(bytes(_space[:nbytes]))

    def pause_writing(self) -> None:
        """It does not read its answers."""
        if self._client is not None:
            self._client.slow(True)

    def resume_writing(self) -> None:
        """It does again."""
        if self._client is not None:
            self._client.slow(False)

    def eof_received(self) -> bool:
        """It sends nothing more. One that has shut down its half still gets its answers; one that has gone does not."""
        return self._client is not None and not self._hung_up() and self._client.finish()

    def _hung_up(self) -> bool:
        if self._transport is None:
            return True
        sock: socket.socket = self._transport.get_extra_info("socket")
        look = select.poll()
        look.register(sock.fileno(), 0)
        return bool(look.poll(0))

    def connection_lost(self, error: Exception | None) -> None:
        """It has gone."""
        client, self._client = self._client, None
        self._transport = None
        self.write = _drop  # type: ignore[method-assign]
        if client is not None:
            self._door.dismiss(self, client)

    # What the client calls

    def write(self, data: bytes | memoryview) -> None:
        """See `Line`; connections that have been admitted have the transport's own."""

    def pause(self, paused: bool) -> None:
        """See `Line`."""
        if self._transport is not None and not self._transport.is_closing():
            (self._transport.pause_reading if paused else self._transport.resume_reading)()

    def end(self) -> None:
        """See `Line`."""
        if self._transport is not None:
            self._transport.close()

    def break_off(self) -> None:
        """Close now."""
        if self._transport is not None:
            self._transport.abort()


class Door:
    """The socket at `path`. `mode` and `group` say which users the kernel lets in; -1 leaves the group as it is."""

    def __init__(
        self,
        path: Path,
        enter: Callable[[Line, Principal], Client],
        leave: Callable[[Client], None],
        mode: int = 0o600,
        group: int = -1,
    ) -> None:
        self.path = path
        self._enter = enter
        self._leave = leave
        self._mode = mode
        self._group = group
        self._socket: socket.socket | None = None
        self._arriving: set[asyncio.Task[None]] = set()
        self._open: set[Connection] = set()
        self._of_user: dict[int | None, int] = {}

    def open(self) -> None:
        """Listen. Raises StartError."""
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.setblocking(False)
            with contextlib.suppress(FileNotFoundError):
                if stat.S_ISSOCK(self.path.lstat().st_mode):
                    self.path.unlink()
            old = os.umask(0o177)
            try:
                sock.bind(str(self.path))
            finally:
                os.umask(old)
            self.admit_by(self._mode, self._group)
            sock.listen(_BACKLOG)
        except OSError as error:
            sock.close()
            raise StartError(f"{self.path}: {error.strerror or error}") from None
        self._socket = sock
        asyncio.get_running_loop().add_reader(sock, self._accept, sock)

    def admit_by(self, mode: int, group: int) -> None:
        """Let others in than before. Raises OSError."""
        if group >= 0:
            os.chown(self.path, -1, group)
        self.path.chmod(mode)

    def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            for _ in range(_BACKLOG):
                task = loop.create_task(self._welcome(listener.accept()[0]))
                self._arriving.add(task)
                task.add_done_callback(self._arriving.discard)
        except (BlockingIOError, ConnectionAbortedError):
            pass
        except OSError:  # out of descriptors: those who wait are let in when some are free again
            loop.remove_reader(listener)
            loop.call_later(_REST, self._accept_again, listener)

    def _accept_again(self, listener: socket.socket) -> None:
        if self._socket is listener:
            asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    async def _welcome(self, sock: socket.socket) -> None:
        try:
            sock.setblocking(False)
            await asyncio.get_running_loop().connect_accepted_socket(lambda: Connection(self), sock)
        except BaseException:
            sock.close()
            raise

    def admit(self, connection: Connection, principal: Principal) -> Client:
        """Raises OSError when there are too many, or the door was closed before this one was let in."""
        his = self._of_user.get(principal.uid, 0)
        if self._socket is None or len(self._open) >= MOST_CLIENTS or his >= MOST_OF_ONE:
            raise ConnectionError("too many connections")
        client = self._enter(connection, principal)
        self._open.add(connection)
        self._of_user[principal.uid] = his + 1
        return client

    def dismiss(self, connection: Connection, client: Client) -> None:
        """It has gone."""
        self._open.discard(connection)
        uid = client.principal.uid
        self._of_user[uid] -= 1
        if not self._of_user[uid]:
            del self._of_user[uid]
        self._leave(client)

    async def close(self) -> None:
        """Close the socket and all connections."""
        sock, self._socket = self._socket, None
        if sock is not None:
            asyncio.get_running_loop().remove_reader(sock)
            sock.close()
            self.path.unlink(missing_ok=True)
        await asyncio.gather(*self._arriving, return_exceptions=True)  # they are not let in any more
        for connection in list(self._open):
            connection.break_off()


def _drop(data: bytes | memoryview) -> None:
    """Nobody reads it."""

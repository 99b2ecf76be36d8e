"""Towards the clients: each connection is a QGA channel of its own, whoever else uses the guest."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guestwire.broker.belongings import Belongings
from guestwire.broker.guest import Guest, start
from guestwire.broker.turns import Job
from guestwire.errors import ConfigError
from guestwire.wire.agent import AgentProtocol
from guestwire.wire.encoding import encode
from guestwire.wire.messages import NO_ID, Request, failure, success

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_WAITING = 64
"""Requests of one client that may wait; further ones stay in its socket."""

_SYNCS = ("guest-sync", "guest-sync-delimited")


class Client(asyncio.Protocol):
    """One connection. What it has made in the guest is undone when it ends."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest
        self._wire = AgentProtocol()
        self._belongings = Belongings()
        self._transport: asyncio.Transport | None = None
        self._slow = False  # it does not read its answers

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Queue what these bytes complete; a resync is answered at once."""
        for event in self._wire.receive(data):
            if not isinstance(event, Request):
                desc = getattr(event, "desc", "")
                self._queue(Job(self, None, failure(desc, id=getattr(event, "id", NO_ID))))
            elif event.name in _SYNCS:
                self._sync(event)
            else:
                self._queue(Job(self, event))
        self._regulate()

    def pause_writing(self) -> None:
        """Take no further requests until it has read its answers."""
        self._slow = True
        self._regulate()

    def resume_writing(self) -> None:
        """Go on."""
        self._slow = False
        self._regulate()

    def connection_lost(self, error: Exception | None) -> None:
        """Undo what it has made; what it has under way is nobody's now."""
        self._transport = None
        self._guest.turns.drop(self)
        self._guest.void(self)
        self._guest.clean_up(self._belongings)

    def answer(self, job: Job, reply: dict[str, Any] | None) -> None:
        """Send the guest's answer on, with the client's own id."""
        if job.request is not None and reply is not None:
            if job.void:
                self._undo(job.request, reply)
                return
            if "return" in reply:
                self._belongings.note(job.request, reply["return"])
        if not job.void:
            self._send(job.ready if job.request is None else _with_id(reply, job.request.id))
        self._regulate()

    def refusal(self, request: Request) -> str | None:
        """Why the guest is not asked: the file or program is another client's."""
        return self._belongings.refusal(request)

    def _queue(self, job: Job) -> None:
        self._guest.turns.add(job)

    def _sync(self, request: Request) -> None:
        """The client has given up whatever it asked before: only its resync is answered."""
        self._guest.turns.drop(self)
        self._guest.void(self)
        arguments = request.arguments or {}
        value = arguments.get("id")
        if type(value) is not int or set(arguments) != {"id"}:
            self._send(failure("Invalid parameter type for 'id', expected: integer", id=request.id))
            return
        mark = [b"\xff"] if request.name == "guest-sync-delimited" else []
        self._send(mark + success(value, request.id))

    def _undo(self, request: Request, reply: dict[str, Any]) -> None:
        """A late answer: what it made belongs to nobody. What it ended is ended all the same."""
        if "return" not in reply:
            return
        made = Belongings()
        made.note(request, reply["return"])
        if made.handles or made.frozen:
            self._guest.clean_up(made)
        else:
            self._belongings.note(request, reply["return"])

    def _send(self, reply: list[bytes] | None) -> None:
        if self._transport is not None and reply:
            self._transport.write(b"".join(reply))

    def _regulate(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self._slow or self._guest.turns.waiting(self) >= MOST_WAITING:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()


def _with_id(reply: dict[str, Any] | None, id: object) -> list[bytes] | None:
    if reply is None:
        return None
    member = "return" if "return" in reply else "error"
    tail = b"" if id is NO_ID else b', "id": ' + encode(id, exact=type(id) not in (int, str))
    try:
        value = encode(reply[member])
    except (RecursionError, ValueError):
        return failure("the guest sent an answer that cannot be passed on", id=id)
    return [b'{"%s": ' % member.encode(), value, tail, b"}\n"]


class Broker:
    """`guests` names the guests and their addresses; their sockets are RUN_DIR/guests/NAME.sock."""

    def __init__(self, guests: Mapping[str, str], run_dir: Path) -> None:
        for name in guests:
            if not name or name.startswith(".") or "/" in name or not name.isprintable():
                raise ConfigError(f"guest {name!r}: a name has no slash, and no dot in front")
        self._folder = run_dir / "guests"
        self._guests = [Guest(name, address) for name, address in guests.items()]
        self._servers: list[asyncio.Server] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Broker:
        """Open all sockets, for the broker's own user only."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        loop = asyncio.get_running_loop()
        old = os.umask(0o177)
        try:
            for guest in self._guests:
                path = str(self._folder / f"{guest.name}.sock")
                self._servers.append(
                    await loop.create_unix_server(lambda guest=guest: Client(guest), path)  # type: ignore[misc]
                )
        finally:
            os.umask(old)
        self._tasks = [start(guest) for guest in self._guests]
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Close all sockets and channels."""
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for guest in self._guests:
            with contextlib.suppress(FileNotFoundError):
                (self._folder / f"{guest.name}.sock").unlink()

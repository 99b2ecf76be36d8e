"""`Broker`: the channels of many guests in one place, for sockets' clients and for those in the same process."""

from __future__ import annotations

import asyncio
import fcntl
import os
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from guestwire.broker.client import Client
from guestwire.broker.door import Door
from guestwire.broker.guest import Guest
from guestwire.broker.local import LocalTransport
from guestwire.broker.options import GuestOptions
from guestwire.broker.owners import Owners
from guestwire.broker.policy import DEFAULT
from guestwire.broker.principal import HOST
from guestwire.broker.status import StatusFile
from guestwire.broker.turns import Priority
from guestwire.client.aio import AsyncGuestAgent
from guestwire.client.session import DEFAULT_TIMEOUT
from guestwire.errors import ConfigError, StartError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from guestwire.broker.audit import AuditLog
    from guestwire.broker.client import Line
    from guestwire.broker.policy import Policy
    from guestwire.broker.principal import Principal

FAREWELL = 5.0
"""Seconds that the broker takes at its end to thaw guests and close files."""


@dataclass(slots=True)
class _Served:
    guest: Guest
    owners: Owners
    task: asyncio.Task[None]
    door: Door | None
    clients: set[Client] = field(default_factory=set)
    locals: set[LocalTransport] = field(default_factory=set)


class Broker:
    """`guests` maps names to addresses. With `run_dir`, each guest has the socket RUN_DIR/guests/NAME.sock, and
    RUN_DIR/status.json says how they are; without, guests are reached by `connect` alone.
    """

    def __init__(
        self,
        guests: Mapping[str, str] | None = None,
        run_dir: Path | None = None,
        *,
        policy: Policy = DEFAULT,
        options: GuestOptions = GuestOptions(),  # noqa: B008 (frozen)
        audit: AuditLog | None = None,
    ) -> None:
        self._first = dict(guests or {})
        for name in self._first:
            check_name(name)
        self._run_dir = run_dir
        self._policy = policy
        self._options = options
        self._audit = audit
        self._served: dict[str, _Served] = {}
        self._left_frozen: set[str] = set()
        self._lock: IO[bytes] | None = None
        self._status = (
            None
            if run_dir is None
            else StatusFile(run_dir / "status.json", self.seen, 0o644 if policy.open else 0o600)
        )

    async def __aenter__(self) -> Broker:
        """Begin to serve. Raises StartError, ConfigError."""
        try:
            if self._run_dir is not None:
                self._take(self._run_dir)
            self._left_frozen = set() if self._status is None else self._status.frozen()
            for name, address in self._first.items():
                await self.add(name, address)
            if self._status is not None:
                self._status.write()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Send all clients away, undo what they have left in the guests, and let the channels go."""
        await asyncio.gather(*map(self.remove, list(self._served)))
        if self._lock is not None:
            assert self._status is not None
            self._status.remove()
            self._lock.close()
            self._lock = None

    async def add(self, name: str, address: str) -> None:
        """Serve one more guest. Raises ConfigError for a wrong name or address, StartError for a socket's trouble."""
        check_name(name)
        if name in self._served:
            raise ConfigError(f"guest {name!r} is there already")
        guest = Guest(name, address, self._policy.options_of(name, self._options), self._touch)
        owners = Owners(guest, asyncio.get_running_loop())
        door = None
        if self._run_dir is not None:
            path = self._run_dir / "guests" / f"{name}.sock"
            if len(os.fsencode(path)) > 107:
                raise ConfigError(f"{path}: longer than the 107 bytes that a socket's path may have")
            mode, group = self._policy.door(name)
            door = Door(
                path,
                lambda line, who: self._enter(name, line, who),
                lambda client: self._leave(name, client),
                mode,
                group,
            )
            door.open()
        task = asyncio.get_running_loop().create_task(guest.run(), name=f"guest {name}")
        self._served[name] = _Served(guest, owners, task, door)
        if name in self._left_frozen:
            self._left_frozen.discard(name)
            guest.cleaner.thaw()
        self._touch()

    async def remove(self, name: str) -> None:
        """Serve a guest no longer; its clients are sent away. Raises ConfigError when it is not there."""
        served = self._of(name)
        if served.door is not None:
            await served.door.close()
        for transport in list(served.locals):
            transport.end()
        await asyncio.sleep(0)  # connections report their end in the next turn of the loop
        served.owners.close()
        if served.guest.upstream.free:
            await served.guest.idle(FAREWELL)
        served.task.cancel()
        await asyncio.gather(served.task, return_exceptions=True)
        self._served.pop(name, None)
        self._touch()

    def connect(
        self,
        name: str,
        *,
        principal: Principal = HOST,
        priority: Priority = Priority.PERSON,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> AsyncGuestAgent:
        """A client of guest `name` inside this process, for `principal`; close it when done. Connecting never fails:
        a guest that is not there is told by the first call, as `ChannelClosed`.
        """

        def enter(line: Line) -> Client:
            if name not in self._served:
                raise ConnectionError(f"the broker has no guest {name!r}")
            self._served[name].locals.add(transport)
            return self._enter(name, line, principal, priority)

        def leave(client: Client) -> None:
            if name in self._served:
                self._served[name].locals.discard(transport)
            self._leave(name, client)

        transport = LocalTransport(enter, leave)
        return AsyncGuestAgent(transport, name=name, timeout=timeout)

    def adopt(self, policy: Policy) -> None:
        """Go by another policy from now on, for those who are connected too. Raises StartError."""
        self._policy = policy
        for name, served in self._served.items():
            served.guest.options = policy.options_of(name, self._options)
            for client in served.clients:
                client.grant = policy.grant(client.principal, name)
            if served.door is not None:
                served.door.admit_by(*policy.door(name))
        if self._run_dir is not None:
            self._open_folder(self._run_dir)

    def states(self) -> dict[str, dict[str, Any]]:
        """By name: `address`, `socket` (None without one), `state` and `reason` and `since` (wall-clock seconds),
        `clients` (how many), `waiting` (requests), `lease` (None, or the freeze's `owner` and `ends`).
        """
        return {name: self._seen(served) for name, served in self._served.items()}

    def seen(self) -> dict[str, Any]:
        """What status.json holds."""
        found: dict[str, Any] = {"pid": os.getpid(), "guests": self.states()}
        if self._audit is not None:
            found["audit"] = {
                "file": str(self._audit.path),
                "trouble": self._audit.trouble,
                "lost": self._audit.lost,
            }
        return found

    def _seen(self, served: _Served) -> dict[str, Any]:
        guest, upstream = served.guest, served.guest.upstream
        return {
            "socket": None if served.door is None else str(served.door.path),
            "address": guest.address,
            "state": str(upstream.state),
            "reason": upstream.reason,
            "since": round(upstream.since, 3),
            "clients": len(served.clients),
            "lease": guest.lease.seen(),
        }

    def _enter(
        self, name: str, line: Line, principal: Principal, priority: Priority = Priority.PERSON
    ) -> Client:
        served = self._of(name)
        grant = self._policy.grant(principal, name)
        client = Client(
            served.guest,
            served.owners.enter(principal),
            principal,
            grant,
            line,
            priority=priority,
            audit=self._audit,
        )
        served.clients.add(client)
        self._touch()
        return client

    def _leave(self, name: str, client: Client) -> None:
        client.leave()
        served = self._served.get(name)
        if served is not None and client in served.clients:
            served.clients.discard(client)
            served.owners.leave(client.principal, client.owner)
            self._touch()

    def _of(self, name: str) -> _Served:
        try:
            return self._served[name]
        except KeyError:
            raise ConfigError(f"the broker has no guest {name!r}") from None

    def _touch(self) -> None:
        if self._status is not None and self._lock is not None:
            self._status.touch()

    def _take(self, run_dir: Path) -> None:
        """Make the folders, and see that no other broker serves there."""
        try:
            (run_dir / "guests").mkdir(mode=0o700, parents=True, exist_ok=True)
            self._open_folder(run_dir)
            lock = (run_dir / "broker.lock").open("ab")
        except OSError as error:
            raise StartError(f"{error.filename or run_dir}: {error.strerror}") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise StartError(
                f"{run_dir}: another broker serves there; end it, or choose another --run-dir"
            ) from None
        self._lock = lock

    def _open_folder(self, run_dir: Path) -> None:
        """Who may do something somewhere must get to the sockets, but need not see them all."""
        (run_dir / "guests").chmod(0o711 if self._policy.open else 0o700)


def check_name(name: str) -> None:
    """Raises ConfigError for a name that cannot be a socket's."""
    if not name or name.startswith(".") or "/" in name or not name.isprintable():
        raise ConfigError(f"guest {name!r}: a name has no slash, and no dot in front")

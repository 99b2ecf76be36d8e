"""The guests' channels, held by a broker in this process: polls and people's work take turns on one channel a guest."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, cast

from guestwire.broker.options import GuestOptions
from guestwire.broker.policy import DEFAULT, Policy
from guestwire.broker.principal import HOST, Principal
from guestwire.broker.server import Broker, check_name
from guestwire.broker.turns import Priority
from guestwire.errors import GuestwireError, StartError
from guestwire.monitor.poller import LONGEST
from guestwire.web.roles import Role

if TYPE_CHECKING:
    from pathlib import Path

    from guestwire.broker.audit import AuditLog
    from guestwire.client import AsyncGuestAgent
    from guestwire.monitor.ladder import Asker
    from guestwire.monitor.targets import Target
    from guestwire.web.routes import Caller

_log = logging.getLogger(__name__)
LEASE = 600.0  # seconds of a freeze at most


class Channels:
    """One channel a target. A guest keeps the name it came with, or its identity where a name cannot be used."""

    def __init__(
        self, run_dir: Path | None = None, *, policy: Policy = DEFAULT, audit: AuditLog | None = None
    ) -> None:
        self.run_dir = run_dir
        self.policy = policy
        self.audit = audit
        self.broker = self._broker(run_dir)
        self._names: dict[str, str] = {}

    async def open(self) -> None:
        """Open the folder of sockets, through which other programs share the channels.

        Where another broker has that folder already, guests are reached through its sockets, and none are opened here.
        """
        try:
            await self.broker.__aenter__()
        except StartError as error:
            _log.warning("no sockets for other programs: %s", error)
            self.run_dir = None
            self.broker = self._broker(None)

    async def add(self, target: Target) -> None:
        """Hold a guest's channel, if there is a way to one."""
        name = self._name(target)
        self._names[target.identity] = name
        if target.address:
            try:
                await self.broker.add(name, target.address)
            except GuestwireError as error:
                _log.error("%s", error)

    async def remove(self, identity: str) -> None:
        """Let a channel go."""
        name = self._names.pop(identity, None)
        if name in self.broker.states():
            await self.broker.remove(name)

    async def move(self, target: Target) -> None:
        """A guest's agent is somewhere else now."""
        await self.remove(target.identity)
        await self.add(target)

    async def close(self) -> None:
        """Let all channels go; nothing that was begun through them is left in the guests."""
        await self.broker.close()
        if self.audit is not None:
            self.audit.close()

    def _broker(self, run_dir: Path | None) -> Broker:
        options = GuestOptions(lease=LEASE)
        return Broker(run_dir=run_dir, policy=self.policy, options=options, audit=self.audit)

    def for_polls(self, target: Target) -> Asker:
        """The poller's client. It has deadlines of its own; the client's must not cut them short."""
        name = self._names[target.identity]
        agent = self.broker.connect(name, principal=HOST, priority=Priority.POLL, timeout=LONGEST)
        return cast("Asker", agent)

    def for_work(self, target: Target, caller: Caller) -> AsyncGuestAgent:
        """A client on somebody's behalf."""
        roles = frozenset(role.name.lower() for role in Role if role <= caller.role)
        return self.broker.connect(
            self._names[target.identity], principal=Principal(name=caller.name, roles=roles)
        )

    def _name(self, target: Target) -> str:
        try:
            check_name(target.name)
        except GuestwireError:
            return target.identity.replace("/", "_").lstrip(".") or "guest"
        return target.identity if target.name in self._names.values() else target.name

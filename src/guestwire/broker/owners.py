"""Who owns what: each connection for itself, or, where a guest is set to it, all connections of one user together.

Programs that connect anew for every command (Proxmox does) need the second: what they opened in one connection they
use in the next. It is given up some time after the last use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from guestwire.broker.belongings import Belongings

if TYPE_CHECKING:
    import asyncio

    from guestwire.broker.guest import Guest
    from guestwire.broker.principal import Principal


class Owner:
    """What one owner has in one guest."""

    def __init__(self) -> None:
        self.belongings = Belongings()
        self.clients = 0
        self.alarm: asyncio.TimerHandle | None = None


class Owners:
    """The owners of one guest."""

    def __init__(self, guest: Guest, loop: asyncio.AbstractEventLoop) -> None:
        self._guest = guest
        self._loop = loop
        self._users: dict[object, Owner] = {}

    def enter(self, principal: Principal) -> Owner:
        """A client has come; returns whose its belongings are."""
        if not self._guest.options.by_user:
            return Owner()
        owner = self._users.setdefault(principal.key, Owner())
        owner.clients += 1
        if owner.alarm is not None:
            owner.alarm.cancel()
            owner.alarm = None
        return owner

    def leave(self, principal: Principal, owner: Owner) -> None:
        """It has gone."""
        if self._users.get(principal.key) is not owner:
            self._give_up(owner)
            return
        owner.clients -= 1
        if owner.clients == 0:
            owner.alarm = self._loop.call_later(self._guest.options.idle, self._forget, principal.key)

    def close(self) -> None:
        """The guest is served no longer."""
        for key in list(self._users):
            self._forget(key)

    def _forget(self, key: object) -> None:
        owner = self._users.pop(key)
        if owner.alarm is not None:
            owner.alarm.cancel()
        self._give_up(owner)

    def _give_up(self, owner: Owner) -> None:
        self._guest.lease.leave(owner)
        self._guest.cleaner.clean(owner.belongings.farewell())

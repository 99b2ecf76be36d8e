"""What requests are answered from: the parts of the daemon that the web floor knows."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from aiohttp import web

from guestwire.monitor.catalogue import kind_of
from guestwire.monitor.export.pages import Pages
from guestwire.monitor.store.reader import Reader, SeriesInfo
from guestwire.web.hub import Hub
from guestwire.web.limits import Limit
from guestwire.web.logins import Logins
from guestwire.web.overview import Overview
from guestwire.web.problems import Problem
from guestwire.web.settings import Settings
from guestwire.web.ticks import Ticks
from guestwire.web.work.freezes import Freezes
from guestwire.web.work.inventory import Inventories
from guestwire.web.work.jobs import Jobs

if TYPE_CHECKING:
    from pathlib import Path

    from guestwire.monitor.poller import Poller, Watcher
    from guestwire.monitor.targets import Target
    from guestwire.monitor.watch import Monitor
    from guestwire.web.work.reach import Reach


class Site:
    """One daemon as its web side sees it; `interval` is the seconds between two polls of a guest.

    `reach` makes clients of guests for those who work on them; without it nobody can. `audit` is the
    file in which the broker notes what they did.
    """

    def __init__(
        self,
        monitor: Monitor,
        poller: Poller,
        settings: Settings | None = None,
        *,
        interval: float = 10.0,
        reach: Reach | None = None,
        audit: Path | None = None,
    ) -> None:
        self.monitor = monitor
        self.interval = interval
        self.poller = poller
        self.settings = settings or Settings()
        self.started = time.time()
        self.csrf = secrets.token_urlsafe(24)  # of those who are not logged in
        self.logins = Logins(monitor.store, self.settings)
        self.login_limit = Limit(1 / 6, 10)
        self.reach = reach
        self.audit = audit
        self.jobs = Jobs()
        self.freezes = Freezes()
        self.inventories = Inventories()
        self.overview = Overview(self)
        self.hub = Hub()
        self.reader = Reader.of(monitor.store)
        self.cpu_seen = (self.started, 0.0)
        self.cpu_ratio: float | None = None
        self.pages = Pages(monitor.store)
        monitor.listeners += [self.overview.take, Ticks(self.hub).take, self.pages.take]

    def reload(self, settings: Settings) -> None:
        """Take users, tokens and names anew; logins of users who are gone end."""
        self.settings = settings
        self.logins.settings = settings

    def watchers(self) -> dict[str, Watcher]:
        """The guests that are watched, by identity."""
        return {watcher.target.identity: watcher for watcher in self.poller.watchers}

    def targets(self) -> list[Target]:
        """The guests that are watched."""
        return [watcher.target for watcher in self.poller.watchers]

    def find(self, wanted: str) -> Target:
        """The guest of an identity, or of a name that is the only one of its kind. Raises Problem."""
        watched = self.targets()
        for target in watched:
            if target.identity == wanted:
                return target
        named = [target for target in watched if target.name == wanted]
        if not named:
            raise Problem(404, f"no guest {wanted[:200]!r} is watched")
        if len(named) > 1:
            raise Problem(409, f"{len(named)} guests are named {wanted!r}; ask by identity")
        return named[0]

    def series(self, identity: str, name: str | None = None) -> list[SeriesInfo]:
        """The series of a guest, all or of one metric, as they are known in memory."""
        entry = self.monitor.store.registry.guests.get(identity)
        return [
            SeriesInfo(number, entry.id, key[0], key[1], kind_of(key[0]))
            for key, number in (list(entry.series.items()) if entry else [])
            if entry and name in (None, key[0])
        ]

    async def close(self) -> None:
        """Give up what is open; nothing stays frozen."""
        await self.jobs.close()
        await self.freezes.close()
        self.reader.close()


SITE: web.AppKey[Site] = web.AppKey("site")

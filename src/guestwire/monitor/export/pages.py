"""What `/metrics` says of each guest, made once a poll however many scrape, and ahead of them while somebody does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from guestwire.monitor.export.exposition import Lines, lines_of

if TYPE_CHECKING:
    from guestwire.monitor.samples import Poll
    from guestwire.monitor.store.store import Store

AHEAD = 16.0  # seconds after a scrape in which the next one is prepared for with every poll


class Page(NamedTuple):
    """One guest's lines under one name; good until `until` (ms)."""

    name: str
    lines: Lines
    until: int


class Pages:
    """One page a guest. Hears every poll."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self._pages: dict[str, Page] = {}
        self._asked = float("-inf")

    def take(self, poll: Poll, name: str) -> None:
        """One poll: what was said before holds no longer."""
        now = self._clock()
        self._pages.pop(poll.guest, None)
        if 0 <= now - self._asked < AHEAD:
            self._make(poll.guest, name, now)

    def keep(self, known: set[str]) -> None:
        """Somebody asks for these guests; others are forgotten."""
        self._asked = self._clock()
        for identity in self._pages.keys() - known:
            del self._pages[identity]

    def ready(self, identity: str, name: str) -> Lines | None:
        """A guest's lines if they need not be made."""
        page = self._pages.get(identity)
        fresh = page is not None and page.name == name and self._clock() * 1000 <= page.until
        return page.lines if page is not None and fresh else None

    def of(self, identity: str, name: str) -> Lines:
        """A guest's lines under its present name."""
        ready = self.ready(identity, name)
        return self._make(identity, name, self._clock()) if ready is None else ready

    def _make(self, identity: str, name: str, now: float) -> Lines:
        lines, until = lines_of(self._store.latest(identity), round(now * 1000), guest=name)
        self._pages[identity] = Page(name, lines, until)
        return lines

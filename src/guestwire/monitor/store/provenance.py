"""Which step of the ladder gave each figure, and since when; or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from guestwire.monitor.samples import Poll, clean_text

if TYPE_CHECKING:
    import sqlite3

SETTLE = 60_000  # a change is written at most once in this many milliseconds: flapping sources stay cheap
NAMES_LIMIT = 500  # metric names a guest

_INSERT = "INSERT OR REPLACE INTO provenance (guest, name, since, source, reason) VALUES (?, ?, ?, ?, ?)"


class Provenance:
    """The newest source or reason of every figure of every guest."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._now: dict[int, dict[str, tuple[int, str, str]]] = {}
        self._seen: dict[int, tuple[dict[str, str], dict[str, str]]] = {}
        rows = db.execute("SELECT guest, name, since, source, reason FROM provenance ORDER BY since")
        for guest, name, since, source, reason in rows:
            self._now.setdefault(guest, {})[name] = (since, source, reason)

    def of(self, guest: int) -> dict[str, tuple[int, str, str]]:
        """(since in ms, source, reason) by metric name; source or reason is empty."""
        return self._now.get(guest, {})

    def changes(self, guest: int, at: int, poll: Poll) -> list[tuple[str, tuple[Any, ...]]]:
        """The rows that a poll makes necessary; usually none."""
        if self._seen.get(guest) == (poll.sources, poll.unknown):
            return []
        now = self._now.setdefault(guest, {})
        rows = []
        settled = True
        told = [(name, (source, "")) for name, source in poll.sources.items()]
        told += [(name, ("", reason)) for name, reason in poll.unknown.items()]
        for name, pair in told:
            source, reason = (clean_text(text, 64) for text in pair)
            since, *before = now.get(name, (None, "", ""))
            if before == [source, reason] or (since is None and len(now) >= NAMES_LIMIT):
                continue
            if since is not None and since <= at < since + SETTLE:
                settled = False
                continue
            name = clean_text(name, 128)
            now[name] = (at, source, reason)
            rows.append((_INSERT, (guest, name, at, source, reason)))
        if settled:
            self._seen[guest] = (dict(poll.sources), dict(poll.unknown))
        return rows

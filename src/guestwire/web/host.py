"""`/api/v1/host`: the daemon's own health."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from guestwire import __version__
from guestwire.web.routes import Call

if TYPE_CHECKING:
    from guestwire.web.site import Site

SLOWEST = 10


class GuestCounts(Struct):
    """Guests by state; those that do not run are `off`."""

    total: int
    up: int
    silent: int
    off: int


class Polling(Struct):
    """What polling did since the start; `seconds` is the time that polls waited for guests."""

    total: int
    failures: int
    skipped: int
    seconds: float
    per_second: float


class Process(Struct):
    """The daemon's process; `cpu_ratio` is of one CPU, since the last look."""

    cpu_seconds: float
    cpu_ratio: float | None
    resident_bytes: int | None
    open_files: int | None
    threads: int


class StoreState(Struct):
    """History on disk."""

    path: str
    bytes: int
    series: int
    guests: int
    samples_lost: int
    series_refused: int
    trouble: str | None


class Live(Struct):
    """The live pages that are open."""

    clients: int
    dropped: int


class Notifications(Struct):
    """What waits to be told, by all channels."""

    queued: int
    sent: int
    failed: int
    trouble: list[str]


class Slow(Struct):
    """A guest that polls wait for; `seconds` is the mean of its polls."""

    id: str
    name: str
    seconds: float
    failures: int


class Host(Struct):
    """The daemon's own health."""

    version: str
    started_at: float
    uptime_seconds: float
    guests: GuestCounts
    polls: Polling
    process: Process
    store: StoreState
    events: Live
    notifications: Notifications
    rule_errors: dict[str, str]
    slowest: list[Slow]


async def host(call: Call) -> Host:
    """The daemon's own health."""
    return await look(call.site)


async def look(site: Site) -> Host:
    """The daemon's health now."""
    now = time.time()
    uptime = max(now - site.started, 1e-3)
    counts = [watcher.counts for watcher in site.poller.watchers]
    total = sum(one.polls for one in counts)
    polls = Polling(
        total,
        sum(one.failures for one in counts),
        sum(one.skipped for one in counts),
        round(sum(one.seconds for one in counts), 3),
        round(total / uptime, 3),
    )
    return Host(
        __version__,
        site.started,
        uptime,
        _guests(site),
        polls,
        _process(site, now),
        _store(site),
        Live(site.hub.clients, site.hub.dropped),
        _notifications(site),
        dict(site.monitor.engine.errors),
        _slowest(site),
    )


def _guests(site: Site) -> GuestCounts:
    rows = site.overview.rows(sparks=False)
    up = sum(row.up is True for row in rows)
    off = sum(row.state != "running" for row in rows)
    return GuestCounts(len(rows), up, len(rows) - up - off, off)


def _process(site: Site, now: float, proc: Path = Path("/proc/self")) -> Process:
    times = os.times()
    used = times.user + times.system
    before_at, before = site.cpu_seen
    ratio = (used - before) / (now - before_at) if now - before_at >= 0.5 else None
    if ratio is not None:
        site.cpu_seen = now, used
        site.cpu_ratio = round(ratio, 4)
    resident: int | None = None
    files: int | None = None
    try:
        resident = int((proc / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        files = len(os.listdir(proc / "fd"))
    except (OSError, ValueError, IndexError):
        pass  # no /proc: unknown
    return Process(round(used, 3), site.cpu_ratio, resident, files, threading.active_count())


def _store(site: Site) -> StoreState:
    store = site.monitor.store
    guests = list(store.registry.guests.values())
    return StoreState(
        str(store.path),
        store.used,
        sum(len(entry.series) for entry in guests),
        len(guests),
        store.lost,
        store.registry.refused,
        store.trouble,
    )


def _notifications(site: Site) -> Notifications:
    boxes = site.monitor.outboxes
    return Notifications(
        sum(len(box) for box in boxes),
        sum(box.sent for box in boxes),
        sum(box.dropped for box in boxes),
        [box.trouble for box in boxes if box.trouble],
    )


def _slowest(site: Site) -> list[Slow]:
    found = [
        Slow(
            watcher.target.identity,
            watcher.target.name,
            round(watcher.counts.seconds / max(watcher.counts.polls, 1), 4),
            watcher.counts.failures,
        )
        for watcher in site.poller.watchers
    ]
    return sorted(found, key=lambda one: -one.seconds)[:SLOWEST]

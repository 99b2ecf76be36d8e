"""After a restart: the sparklines' half hour and what guests told of themselves, from history.

The first page is then as full as the last one was.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from guestwire.web.about import remembered
from guestwire.web.history import Range, read_range
from guestwire.web.pulse import SPARK_POINTS, SPARK_STEP

if TYPE_CHECKING:
    from guestwire.web.site import Site

_CHARTS = ["cpu", "memory", "network"]
_IDLE = "iowait"


async def warm(site: Site) -> None:
    """Fill in all guests, one after the other, in a thread."""
    done: set[str] = set()
    for _ in range(3):  # discovery may take a moment to find all
        for target in site.targets():
            if target.identity not in done:
                done.add(target.identity)
                await asyncio.to_thread(_fill, site, target.identity)
        await asyncio.sleep(1.0)


def _fill(site: Site, identity: str) -> None:
    entry, pulse = site.monitor.store.registry.guests.get(identity), site.overview.pulse(identity)
    if entry is not None and pulse.about.at is None:
        known = remembered(site.reader, entry)
        if pulse.about.at is None:  # it may have answered meanwhile
            pulse.about, pulse.row = known, None
    now = time.time()
    span = (now - SPARK_POINTS * SPARK_STEP, now, SPARK_POINTS)
    found = read_range(site, identity, _CHARTS, span)
    if found.step != SPARK_STEP:
        return  # polls are further apart than a minute
    busy = _sum(found, "cpu", without=_IDLE)
    total, used = _sum(found, "memory"), _line(found, "memory", "used")
    memory = [u / t if u is not None and t else None for u, t in zip(used, total, strict=True)]
    pulse.remember(now, found.times, busy, memory, _sum(found, "network"))


def _line(found: Range, chart: str, name: str) -> list[float | None]:
    tracks = [track.values for track in found.charts[chart].series if track.name == name]
    return tracks[0] if tracks else [None] * len(found.times)


def _sum(found: Range, chart: str, *, without: str = "") -> list[float | None]:
    tracks = [track.values for track in found.charts[chart].series if track.name != without]
    if not tracks:
        return [None] * len(found.times)
    return [
        None if None in row else sum(value for value in row if value is not None)
        for row in zip(*tracks, strict=True)
    ]

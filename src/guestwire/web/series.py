"""`/series` and `/query`: a guest's raw series, for programs that want more than the charts."""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from guestwire.monitor.export.exposition import spell
from guestwire.web.history import span
from guestwire.web.paging import page
from guestwire.web.problems import Problem
from guestwire.web.routes import Call, param
from guestwire.web.shapes import Cursor, Limit, Point

if TYPE_CHECKING:
    from guestwire.web.site import Site

POINTS = 11_000  # of one query, as Prometheus bounds it
ANSWERED = 50  # series that one query answers


class SeriesQuery(Struct, forbid_unknown_fields=True):
    """A page of series."""

    limit: Limit = 500
    cursor: Cursor = ""


class SeriesNow(Struct):
    """A series and its newest value; `at` in seconds since the epoch."""

    series: str
    name: str
    labels: dict[str, str]
    at: float
    value: float


class SeriesPage(Struct):
    """A page of a guest's series."""

    series: list[SeriesNow]
    total: int
    next: str | None


class BucketsQuery(Struct, forbid_unknown_fields=True):
    """`series` is `name` for all of a metric, or `name{label="value"}` for one; `step` in seconds."""

    series: Annotated[str, Meta(min_length=1, max_length=4096)]
    start: Point | None = None
    end: Point | None = None
    step: Annotated[float, Meta(ge=0.001, le=1e9)] | None = None


class SeriesBuckets(Struct):
    """History of one series in buckets of `step` seconds; a counter's low, high and average are per second."""

    series: str
    kind: str
    step: float
    starts: list[float]
    low: list[float]
    high: list[float]
    average: list[float]
    last: list[float]


class BucketsFound(Struct):
    """One entry a series."""

    result: list[SeriesBuckets]


async def series(call: Call) -> SeriesPage:
    """The series of a guest with their newest values."""
    identity = call.site.find(param(call, "guest")).identity
    latest = sorted(call.site.monitor.store.latest(identity).items())
    shown, following = page(latest, call.query.cursor, call.query.limit)
    listed = [SeriesNow(spell(*key), key[0], dict(key[1]), at / 1000, value) for key, (at, value) in shown]
    return SeriesPage(listed, len(latest), following)


async def query(call: Call) -> BucketsFound:
    """History of series in buckets."""
    asked: BucketsQuery = call.query
    identity = call.site.find(param(call, "guest")).identity
    start, end = span(asked.start, asked.end)
    step = asked.step or max(1.0, (end - start) / 300)
    if (end - start) / step > POINTS:
        raise Problem(400, f"step must leave at most {POINTS} points", where="step")
    found = await asyncio.to_thread(_read, call.site, identity, asked.series, (start, end, step))
    if not found:
        raise Problem(404, "this guest has no such series", where="series")
    return BucketsFound(found)


def _read(site: Site, identity: str, wanted: str, times: tuple[float, float, float]) -> list[SeriesBuckets]:
    start, end, step = (round(value * 1000) for value in times)
    found = []
    infos = site.series(identity, wanted.partition("{")[0])
    infos = [info for info in infos if wanted in (info.name, spell(info.name, info.labels))]
    for info in infos[:ANSWERED]:
        buckets = site.reader.buckets(info, start, end, step, round(time.time() * 1000))
        columns = [[value if math.isfinite(value) else 0.0 for value in column] for column in buckets[2:]]
        starts = [at / 1000 for at in buckets.starts]
        name = spell(info.name, info.labels)
        found.append(SeriesBuckets(name, str(info.kind), buckets.step / 1000, starts, *columns))
    return found

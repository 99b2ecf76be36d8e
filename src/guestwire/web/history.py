"""`/api/v1/guests/{guest}/range`: charts on one time grid, gaps as null with their reason."""

from __future__ import annotations

import asyncio
import math
import time
from bisect import bisect_left
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta, Struct

from guestwire.monitor.collectors import SECTIONS
from guestwire.web.charts import CHARTS, Chart, lines_of
from guestwire.web.problems import Problem
from guestwire.web.routes import Call, param
from guestwire.web.shapes import Point

if TYPE_CHECKING:
    from guestwire.monitor.store.reader import Buckets, SeriesInfo
    from guestwire.web.site import Site

DEFAULT_SPAN = 3600.0
_PACE = {name: float(section.pace) for section in SECTIONS for name in section.metrics}
_FINE = 150_000  # ms: a step wider than this is rounded up to the store's five-minute buckets
_FIVE_MINUTES = 300_000
ChartName = Literal[
    "cpu", "load", "memory", "swap", "pressure", "filesystems", "inodes", "disk_bytes", "disk_ops", "disk_busy",
    "network", "network_errors", "round_trip", "clock", "processes", "host_cpu", "host_memory",
]  # fmt: skip


class RangeQuery(Struct, forbid_unknown_fields=True):
    """`start` and `end` in seconds since the epoch (default: the last hour); `points` at most."""

    chart: list[ChartName] = []
    start: Point | None = None
    end: Point | None = None
    points: Annotated[int, Meta(ge=10, le=2000)] = 300


class Track(Struct):
    """One line of a chart; a value for each of `times`, None where there is no figure."""

    name: str
    values: list[float | None]


class ChartData(Struct):
    """A chart's lines; `reason` says why there is nothing now."""

    unit: str
    stacked: bool
    series: list[Track]
    reason: str | None


class Gap(Struct):
    """A stretch without figures, and why."""

    start: float
    end: float
    reason: str | None


class Range(Struct):
    """Charts that share `times`, the starts of buckets of `step` seconds."""

    start: float
    end: float
    step: float
    times: list[float]
    charts: dict[str, ChartData]
    gaps: list[Gap]


class ChartInfo(Struct):
    """What there is to ask for."""

    name: str
    title: str
    unit: str
    stacked: bool


class ChartList(Struct):
    """All charts."""

    charts: list[ChartInfo]


async def charts(call: Call) -> ChartList:
    """Which charts there are."""
    return ChartList([ChartInfo(c.name, c.title, c.unit, c.stacked) for c in CHARTS.values()])


async def range_of(call: Call) -> Range:
    """History of a guest as charts."""
    query: RangeQuery = call.query
    target = call.site.find(param(call, "guest"))
    start, end = span(query.start, query.end)
    names = list(query.chart or CHARTS)
    return await asyncio.to_thread(read_range, call.site, target.identity, names, (start, end, query.points))


def span(start: float | None, end: float | None) -> tuple[float, float]:
    """The stretch that is asked for. Raises Problem 400."""
    last = time.time() if end is None else end
    first = max(0.0, last - DEFAULT_SPAN) if start is None else start
    if first >= last:
        raise Problem(400, "start must be before end", where="start")
    return first, last


class Grid:
    """Buckets of one width (ms) over a stretch."""

    def __init__(self, site: Site, start: float, end: float, points: int) -> None:
        now = round(time.time() * 1000)
        step = max(math.ceil((end - start) * 1000 / points), round(site.interval * 1000), 1000)
        if step > _FINE:
            step = math.ceil(step / _FIVE_MINUTES) * _FIVE_MINUTES
        self.now = now
        self.low, self.high = round(start * 1000), round(end * 1000)
        self.step = site.reader.step_for(self.low, step, now)
        self.first = self.low - self.low % self.step
        self.length = (self.high - self.first) // self.step + 1

    def column(self, site: Site, info: SeriesInfo) -> list[float | None]:
        """A series on the grid, with the holes filled that only its pace of polling leaves."""
        buckets = site.reader.buckets(info, self.low, self.high, self.step, self.now)
        values: list[float | None] = [None] * self.length
        for at, value in zip(buckets.starts, buckets.average, strict=True):
            index = (at - self.first) // self.step
            if 0 <= index < self.length:
                values[index] = float(f"{value:.6g}")
        pace = max(_PACE.get(info.name, 0.0), site.interval)
        self._fill(values, math.ceil(2.5 * pace * 1000 / self.step))
        return values

    @staticmethod
    def _fill(values: list[float | None], most: int) -> None:
        last = None
        for index, value in enumerate(values):
            if value is None:
                continue
            if last is not None and 1 < index - last <= most:
                values[last + 1 : index] = [values[last]] * (index - last - 1)
            last = index


def read_range(site: Site, identity: str, names: list[str], asked: tuple[float, float, int]) -> Range:
    """Charts of a guest over (start, end, points). Blocks: use a thread."""
    wanted = [CHARTS[name] for name in dict.fromkeys(names)]
    metrics = frozenset().union(*(chart.metrics for chart in wanted))
    columns: dict[str, list[tuple[tuple[tuple[str, str], ...], list[float | None]]]] = {}
    grid = Grid(site, *asked)
    entry = site.monitor.store.registry.guests.get(identity)
    for info in site.series(identity):
        if info.name in metrics:
            values = grid.column(site, info)
            if any(value is not None for value in values):
                columns.setdefault(info.name, []).append((info.labels, values))
    gaps = _gaps(site, identity, grid)
    told = site.monitor.store.provenance.of(entry.id) if entry else {}
    found = {}
    for chart in wanted:
        tracks = [Track(name, values) for name, values in lines_of(chart, columns, grid.length)]
        reasons = [told[name][2] for name in sorted(chart.metrics) if name in told and told[name][2]]
        reason = reasons[0] if reasons else _missing(chart) if not tracks else None
        found[chart.name] = ChartData(chart.unit, chart.stacked, tracks, reason)
    times = [(grid.first + index * grid.step) / 1000 for index in range(grid.length)]
    return Range(grid.low / 1000, grid.high / 1000, grid.step / 1000, times, found, gaps)


def _missing(chart: Chart) -> str | None:
    """Why a chart is empty whose figures no agent gives."""
    if all(name.startswith("guestwire_host_") for name in chart.metrics):
        return "no-host-side"
    return "no-poll" if "guestwire_guest_poll_seconds" in chart.metrics else None


def _gaps(site: Site, identity: str, grid: Grid) -> list[Gap]:
    """Where polls brought no figures, with the reason of then; where nobody polled, without one."""
    infos = site.series(identity, "guestwire_guest_up")
    if not infos:
        return []
    up = site.reader.buckets(infos[0], grid.low, grid.high, grid.step, grid.now)
    reasons = [
        (dict(info.labels)["reason"], site.reader.buckets(info, grid.low, grid.high, grid.step, grid.now))
        for info in site.series(identity, "guestwire_guest_silent")
    ]
    longest = max(2.5 * site.interval * 1000, grid.step)
    gaps: list[Gap] = []
    before: int | None = None
    for at, high in zip(up.starts, up.high, strict=True):
        if before is not None and at - before > longest + grid.step:
            _add(gaps, before + grid.step, at, None)
        if high < 1:
            _add(gaps, at, at + grid.step, _reason_at(reasons, at))
        before = at
    return gaps


def _reason_at(reasons: list[tuple[str, Buckets]], at: int) -> str | None:
    for reason, buckets in reasons:
        index = bisect_left(buckets.starts, at)
        if index < len(buckets.starts) and buckets.starts[index] == at and buckets.high[index] > 0:
            return reason
    return None


def _add(gaps: list[Gap], start: int, end: int, reason: str | None) -> None:
    if gaps and gaps[-1].reason == reason and gaps[-1].end == start / 1000:
        gaps[-1].end = end / 1000
    else:
        gaps.append(Gap(start / 1000, end / 1000, reason))

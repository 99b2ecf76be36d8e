"""From many samples to few: buckets of five minutes and of an hour.

A gauge's bucket keeps the least, greatest, average and last value. A counter's own least and greatest say
nothing, so its bucket keeps the least, greatest and average *rate* (per second, resets taken out) and the
last value of the counter: a peak of a minute is still there after a year.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from itertools import pairwise
from operator import truediv

from guestwire.monitor.samples import Kind
from guestwire.monitor.store.block import Track

COLUMNS = ("min", "max", "avg", "last", "count")
_NOTHING = (0.0, 0.0, 0.0)


def increases(values: array[float]) -> list[float]:
    """What a counter grew by from each value to the next; after a reset it started at 0."""
    return [after - before if after >= before else after for before, after in pairwise(values)]


def rates(times: array[int], values: array[float]) -> Track:
    """A counter as its rate per second; each rate stands at the later of its two samples."""
    return Track(times[1:], (array("d", _rates(times.tolist(), values.tolist())),))


def _rates(times: list[int], values: list[float]) -> list[float]:
    return [
        1000.0 * (after - before if after >= before else after) / (later - sooner)
        for before, after, sooner, later in zip(values, values[1:], times, times[1:], strict=False)
    ]


def roll(
    track: Track, kind: Kind, step: int, before: tuple[int, float] | None = None, *, exact: bool = True
) -> Track:
    """Raw samples, in strict order of time, as buckets of `step` milliseconds that carry their start.

    `before` is the last sample ahead of them, so that a counter's first rate is not lost. Without `exact` the
    figures are rounded to six digits, as they are stored.
    """
    stamps, lasts = track.times.tolist(), track.columns[0].tolist()  # a list boxes each number once
    figures, ahead = lasts, 0
    if kind is Kind.COUNTER:
        if before is not None and before[0] < stamps[0]:
            figures = _rates([before[0], *stamps], [before[1], *lasts])
        else:
            figures, ahead = _rates(stamps, lasts), 1  # the first sample has no rate
    cuts = _cuts(stamps, step)
    parts = [figures[max(0, low - ahead) : high - ahead] for low, high in pairwise(cuts)]
    counts = [high - low if part else 0 for part, (low, high) in zip(parts, pairwise(cuts), strict=True)]
    parts = [part or [0.0] for part in parts]
    # whole columns at once: a chart of a day is cut from thousands of samples
    summaries = [map(min, parts), map(max, parts), map(truediv, map(sum, parts), map(len, parts))]
    columns = [array("d", column if exact else map(_six, column)) for column in summaries]
    ends = array("d", [lasts[high - 1] for high in cuts[1:]])
    starts = array("q", [stamps[low] - stamps[low] % step for low in cuts[:-1]])
    return Track(starts, (*columns, ends, array("d", counts)))


def _cuts(stamps: list[int], step: int) -> list[int]:
    """Where in `stamps` each bucket begins, and the end. Looked for near by: buckets are often equally full."""
    cuts, at, near, end = [0], 0, 16, len(stamps)
    while at < end:
        edge = stamps[at] - stamps[at] % step + step
        high = at + near if at + near < end and stamps[at + near] >= edge else end
        following = bisect_left(stamps, edge, at + 1, high)
        near = 2 * (following - at)
        at = following
        cuts.append(at)
    return cuts


def reroll(track: Track, step: int) -> Track:
    """Buckets, in order of time, as wider buckets; two buckets of one start are joined."""
    times = track.times
    lows, highs, averages, lasts, counts = track.columns
    weighted = [average * count for average, count in zip(averages, counts, strict=True)]
    gaps = 0.0 in counts
    starts = array("q")
    rows: list[tuple[float, ...]] = []
    low = 0
    while low < len(times):
        start = times[low] - times[low] % step
        high = bisect_left(times, start + step, low)
        weight = sum(counts[low:high])
        known = slice(low, high)
        summary = (min(lows[known]), max(highs[known]), sum(weighted[known]) / weight) if weight else _NOTHING
        if gaps and weight:  # buckets that know no rate must not pull the least to 0
            some = [i for i in range(low, high) if counts[i]]
            summary = (min([lows[i] for i in some]), max([highs[i] for i in some]), summary[2])
        starts.append(start)
        rows.append((*summary, lasts[high - 1], weight))
        low = high
    return _transpose(starts, rows)


def _six(value: float) -> float:
    """Six significant digits: enough for a chart, and far fewer bytes than a full double."""
    return value if value == int(value) and abs(value) < 1e6 else float(f"{value:.6g}")


def _transpose(starts: array[int], rows: list[tuple[float, ...]]) -> Track:
    columns = zip(*rows, strict=True) if rows else [()] * len(COLUMNS)
    return Track(starts, tuple(array("d", column) for column in columns))

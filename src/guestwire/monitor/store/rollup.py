"""From many samples to few: buckets of five minutes and of an hour.

A gauge's bucket keeps the least, greatest, average and last value. A counter's own least and greatest say
nothing, so its bucket keeps the least, greatest and average *rate* (per second, resets taken out) and the
last value of the counter: a peak of a minute is still there after a year.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from itertools import pairwise
from operator import ne, truediv

from guestwire.monitor.samples import Kind
from guestwire.monitor.store.block import Track

COLUMNS = ("min", "max", "avg", "last", "count")
_NOTHING = (0.0, 0.0, 0.0)


def increases(values: array[float]) -> list[float]:
    """What a counter grew by from each value to the next; after a reset it started at 0."""
    return [after - before if after >= before else after for before, after in pairwise(values)]


def rates(times: array[int], values: array[float]) -> Track:
    """A counter as its rate per second; each rate stands at the later of its two samples."""
    plain, stamps = values.tolist(), times.tolist()  # a list boxes each number once
    per_second = [
        1000.0 * (after - before if after >= before else after) / (later - sooner)
        for before, after, sooner, later in zip(plain, plain[1:], stamps, stamps[1:], strict=False)
    ]
    return Track(times[1:], (array("d", per_second),))


def roll(
    track: Track, kind: Kind, step: int, before: tuple[int, float] | None = None, *, exact: bool = True
) -> Track:
    """Raw samples, in strict order of time, as buckets of `step` milliseconds that carry their start.

    `before` is the last sample ahead of them, so that a counter's first rate is not lost. Without `exact` the
    figures are rounded to six digits, as they are stored.
    """
    times, (values,) = track.times, track.columns
    figures, stamps = values, times
    if kind is Kind.COUNTER:
        if before is not None and before[0] < times[0]:
            stamps, figures = array("q", [before[0], *times]), array("d", [before[1], *values])
        stamps, (figures,) = rates(stamps, figures)
    ahead = len(times) - len(stamps)  # 1 if the first sample has no rate
    keys = [at - at % step for at in times.tolist()]
    cuts = [0, *(i for i, new in enumerate(map(ne, keys[1:], keys), 1) if new), len(keys)] if keys else [0]
    listed, lasts = figures.tolist(), values.tolist()
    parts = [listed[max(0, low - ahead) : high - ahead] for low, high in pairwise(cuts)]
    counts = [high - low if part else 0 for part, (low, high) in zip(parts, pairwise(cuts), strict=True)]
    parts = [part or [0.0] for part in parts]
    # whole columns at once: a chart of a day is cut from thousands of samples
    summaries = [map(min, parts), map(max, parts), map(truediv, map(sum, parts), map(len, parts))]
    columns = [array("d", column if exact else map(_six, column)) for column in summaries]
    ends = array("d", [lasts[high - 1] for high in cuts[1:]])
    return Track(array("q", [keys[low] for low in cuts[:-1]]), (*columns, ends, array("d", counts)))


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

"""The functions of expressions. Over windows they give what PromQL gives, extrapolation to the window's edges included.

A window function takes the samples of one series (times in seconds, values; at least one), the window's
start and end, and its further numbers; None means that it has nothing to say (too few samples).
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

Times = Sequence[float]
Values = Sequence[float]
WindowFunction = Callable[..., "float | None"]


class Argument(enum.StrEnum):
    """What a function takes, in words for an error."""

    WINDOW = "a window such as x[5m]"
    VECTOR = "an instant vector"
    SCALAR = "a number"


class Function(NamedTuple):
    """One function: its arguments, and how it is computed over a window, or from one value."""

    takes: tuple[Argument, ...]
    window: WindowFunction | None = None
    value: Callable[..., float] | None = None
    gives_scalar: bool = False


def _grown(values: Values) -> float:
    """What a counter grew by over all its resets."""
    return sum([after - before if after >= before else after for before, after in pairwise(values)])


def _edges(times: Times, values: Values, start: float, end: float, grown: float, *, counter: bool) -> float:
    """The growth between the samples, stretched to the window's edges.

    Up to an edge nearer than 1.1 sampling intervals the growth goes on; to a farther one for half an
    interval only. A counter is never stretched to before it was 0.
    """
    sampled = times[-1] - times[0]
    interval = sampled / (len(times) - 1)
    ahead, behind = times[0] - start, end - times[-1]
    if counter and grown > 0 and values[0] >= 0:
        ahead = min(ahead, sampled * values[0] / grown)
    stretched = sampled
    for gap in (ahead, behind):
        stretched += gap if gap < interval * 1.1 else interval / 2
    return grown * stretched / sampled


def increase(times: Times, values: Values, start: float, end: float) -> float | None:
    """Growth of a counter over the window."""
    if len(times) < 2:
        return None
    return _edges(times, values, start, end, _grown(values), counter=True)


def rate(times: Times, values: Values, start: float, end: float) -> float | None:
    """Growth of a counter per second."""
    grown = increase(times, values, start, end)
    return None if grown is None else grown / (end - start)


def irate(times: Times, values: Values, _start: float, _end: float) -> float | None:
    """Growth of a counter per second between the last two samples."""
    if len(times) < 2:
        return None
    return _grown(values[-2:]) / (times[-1] - times[-2])


def delta(times: Times, values: Values, start: float, end: float) -> float | None:
    """Change of a gauge over the window."""
    if len(times) < 2:
        return None
    return _edges(times, values, start, end, values[-1] - values[0], counter=False)


def _line(times: Times, values: Values, origin: float) -> tuple[float, float] | None:
    """Slope and value at `origin` of the straight line of least squares."""
    count = len(times)
    if count < 2:
        return None
    if min(values) == max(values):
        return 0.0, values[0]
    x = [t - origin for t in times]
    mean_x, mean_y = sum(x) / count, sum(values) / count
    spread = sum([(a - mean_x) ** 2 for a in x])
    slope = sum([(a - mean_x) * (b - mean_y) for a, b in zip(x, values, strict=True)]) / spread
    return slope, mean_y - slope * mean_x


def deriv(times: Times, values: Values, _start: float, _end: float) -> float | None:
    """Change of a gauge per second, by least squares."""
    line = _line(times, values, times[0])
    return line[0] if line else None


def predict_linear(times: Times, values: Values, _start: float, end: float, ahead: float) -> float | None:
    """The value that a gauge will have `ahead` seconds from now, if it goes on straight."""
    line = _line(times, values, end)
    return line[1] + line[0] * ahead if line else None


def _average(values: Values) -> float:
    return math.fsum(values) / len(values)


def _changes(values: Values) -> float:
    return float(sum([before != after for before, after in pairwise(values)]))


def _resets(values: Values) -> float:
    return float(sum([after < before for before, after in pairwise(values)]))


def _over_time(compute: Callable[[Values], float]) -> Function:
    def window(_times: Times, values: Values, _start: float, _end: float) -> float:
        return float(compute(values))

    return Function((Argument.WINDOW,), window)


def _last(values: Values) -> float:
    return values[-1]


_W, _V, _S = (Argument.WINDOW,), (Argument.VECTOR,), (Argument.SCALAR,)
FUNCTIONS = {
    "rate": Function(_W, rate),
    "irate": Function(_W, irate),
    "increase": Function(_W, increase),
    "delta": Function(_W, delta),
    "deriv": Function(_W, deriv),
    "predict_linear": Function(_W + _S, predict_linear),
    "avg_over_time": _over_time(_average),
    "min_over_time": _over_time(min),
    "max_over_time": _over_time(max),
    "sum_over_time": _over_time(math.fsum),
    "count_over_time": _over_time(len),
    "last_over_time": _over_time(_last),
    "changes": _over_time(_changes),
    "resets": _over_time(_resets),
    "abs": Function(_V, value=abs),
    "clamp_min": Function(_V + _S, value=max),
    "clamp_max": Function(_V + _S, value=min),
    "time": Function((), gives_scalar=True),
}

AGGREGATES: dict[str, Callable[[Values], float]] = {
    "sum": math.fsum,
    "avg": _average,
    "min": min,
    "max": max,
    "count": len,
}

"""The newest point of every chart of a guest that somebody looks at, told with each of its polls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from guestwire.monitor.catalogue import kind_of
from guestwire.monitor.samples import Kind, admit
from guestwire.web.charts import CHARTS, lines_of

if TYPE_CHECKING:
    from guestwire.monitor.samples import Labels, Poll
    from guestwire.monitor.store.registry import Key
    from guestwire.web.hub import Hub

_CHARTED = frozenset().union(*(chart.metrics for chart in CHARTS.values()))


class Ticks:
    """Hears every poll, works only for guests that a live page watches."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._before: dict[str, dict[Key, tuple[float, float]]] = {}

    def take(self, poll: Poll, name: str) -> None:
        """One poll."""
        if poll.guest not in self._hub.watched:
            self._before.pop(poll.guest, None)
            return
        columns = self._columns(poll)
        charts = {chart.name: _newest(lines_of(chart, columns, 1)) for chart in CHARTS.values()}
        told: dict[str, Any] = {
            "guest": poll.guest,
            "time": poll.at,
            "charts": {name: lines for name, lines in charts.items() if lines},
            "reason": next(iter(poll.unknown.values()), None) if not charts["load"] else None,
        }
        self._hub.publish("tick", msgspec.json.encode(told), topic="guests", guest=poll.guest)

    def _columns(self, poll: Poll) -> dict[str, list[tuple[Labels, list[float | None]]]]:
        before = self._before.setdefault(poll.guest, {})
        columns: dict[str, list[tuple[Labels, list[float | None]]]] = {}
        for sample in poll.samples:
            key = admit(sample.name, sample.labels) if sample.name in _CHARTED else None
            if key is None:
                continue
            value: float | None = sample.value
            if kind_of(sample.name) is Kind.COUNTER:
                value = _rate(before.get(key), poll.at, sample.value)
                before[key] = poll.at, sample.value
            columns.setdefault(sample.name, []).append((key[1], [value]))
        return columns


def _rate(before: tuple[float, float] | None, at: float, value: float) -> float | None:
    if before is None or at <= before[0]:
        return None
    grown = value - before[1]
    return (grown if grown >= 0 else value) / (at - before[0])


def _newest(lines: list[tuple[str, list[float | None]]]) -> dict[str, float]:
    return {name: float(f"{values[0]:.6g}") for name, values in lines if values[0] is not None}

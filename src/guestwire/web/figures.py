"""A guest's newest figures by metric, and how old they may be to count as present."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guestwire.monitor.rules.figures import LOOKBACK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from guestwire.monitor.store.registry import Key

Figure = tuple[str, dict[str, str], int, float]
"""A metric, its labels, when it was measured (ms since the epoch), its value."""


def used_ratio(size: float | None, free: float | None, available: float | None) -> float | None:
    """How full a filesystem is for a normal user, as df has it; agents before QEMU 8.2 do not tell `free`."""
    if size is None or available is None:
        return None
    used = size - (available if free is None else free)
    return round(used / (used + available), 4) if used + available > 0 else None


class Index:
    """A guest's series of some metrics with their numbers, put in order once for as long as no new ones come."""

    def __init__(self, series: dict[Key, int], only: frozenset[str]) -> None:
        self.size = len(series)
        self._parts = [
            (name, dict(labels), number) for (name, labels), number in list(series.items()) if name in only
        ]

    def figures(self, newest: dict[int, tuple[int, float]]) -> Iterator[Figure]:
        """What those series are now, from the newest figures by number."""
        for name, labels, number in self._parts:
            found = newest.get(number)
            if found is not None:
                yield name, labels, *found


class Figures:
    """The newest values of one guest. `old` figures are still told by `labels`, which hardly ever change."""

    def __init__(self, figures: Iterable[Figure], now: float) -> None:
        self._metrics: dict[str, list[tuple[dict[str, str], int, float]]] = {}
        for name, labels, at, value in figures:
            self._metrics.setdefault(name, []).append((labels, at, value))
        self.look(now)

    @classmethod
    def of(cls, latest: dict[Key, tuple[int, float]], now: float) -> Figures:
        """Those that the store tells of."""
        return cls(((name, dict(labels), at, value) for (name, labels), (at, value) in latest.items()), now)

    def look(self, now: float) -> None:
        """Time has passed."""
        self._oldest = (now - LOOKBACK) * 1000

    def value(self, name: str) -> float | None:
        """The fresh value of a metric that has one series."""
        for _, at, value in self._metrics.get(name, ()):
            if at >= self._oldest:
                return value
        return None

    def each(self, name: str) -> Iterator[tuple[dict[str, str], float]]:
        """Labels and value of every fresh series of a metric."""
        for labels, at, value in self._metrics.get(name, ()):
            if at >= self._oldest:
                yield labels, value

    def by(self, name: str, label: str) -> dict[str, float]:
        """The fresh values of a metric by one label."""
        return {labels.get(label, ""): value for labels, value in self.each(name)}

    def labels(self, name: str) -> dict[str, str]:
        """The labels of the newest series of an info metric, whatever its age."""
        found = self._metrics.get(name)
        return max(found, key=lambda one: one[1])[0] if found else {}

    def newest(self, name: str) -> list[dict[str, str]]:
        """The labels of all series of an info metric that came with its newest answer."""
        last = self.last(name)
        return [labels for labels, at, value in self._metrics.get(name, ()) if at == last and value]

    def last(self, name: str) -> int:
        """When a metric was last measured (ms), whatever its age; 0 for one that never was."""
        return max((at for _, at, _ in self._metrics.get(name, ())), default=0)

    def held(self, name: str, label: str) -> str | None:
        """The label of the series of a metric that is 1: how states and reasons are kept."""
        return next((labels.get(label) for labels, _, value in self._metrics.get(name, ()) if value), None)

"""Where rules read: one guest's figures, now from memory, or at any time from history."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING

from guestwire.monitor.catalogue import kind_of
from guestwire.monitor.rules.nodes import Selector, all_match
from guestwire.monitor.store.reader import Reader, SeriesInfo

if TYPE_CHECKING:
    from guestwire.monitor.rules.evaluate import Vector, Window
    from guestwire.monitor.samples import Labels
    from guestwire.monitor.store.registry import GuestEntry
    from guestwire.monitor.store.store import Store

LOOKBACK = 300.0  # seconds that a value stays valid
LONG = 7200.0  # windows longer than this are read in five-minute steps
FIVE = 300_000


Selected = list[tuple["Labels", int]]
"""Labels and number of each series that a selector selects."""


class Index:
    """What selectors select of each guest, kept until the guest has other series."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, int, dict[Selector, Selected]]] = {}

    def of(self, entry: GuestEntry) -> dict[Selector, Selected]:
        """What is known of one guest; to be completed by `select`."""
        mark = (id(entry.series), len(entry.series))
        known = self._known.get(entry.id)
        if known is None or known[:2] != mark:
            known = self._known[entry.id] = (*mark, {})
        return known[2]


def select(entry: GuestEntry, selector: Selector) -> Selected:
    """The series of a guest that a selector selects."""
    return [
        (labels, number)
        for (name, labels), number in entry.series.items()
        if name == selector.name and all_match(selector.matchers, labels)
    ]


class LiveFigures:
    """One guest's figures now. `stale` turns true when an expression asked for figures that are too old."""

    def __init__(self, store: Store, reader: Reader, index: Index, entry: GuestEntry, now: float) -> None:
        self._store = store
        self._reader = reader
        self._entry = entry
        self._selections = index.of(entry)
        self._latest = store.head.latest(entry.id)
        self._now = now
        self.stale = False

    def _selected(self, selector: Selector) -> Selected:
        found = self._selections.get(selector)
        if found is None:
            found = self._selections[selector] = select(self._entry, selector)
        return found

    def instant(self, selector: Selector, at: float) -> Vector:
        """See `Figures`."""
        if at < self._now:
            return {
                labels: values[-1]
                for labels, _, values in self.window(selector, at - LOOKBACK, at)
                if len(values)
            }
        oldest = (at - LOOKBACK) * 1000
        result = {}
        selected = self._selected(selector)
        for labels, number in selected:
            newest = self._latest.get(number)
            if newest is not None and newest[0] >= oldest:
                result[labels] = newest[1]
        if selected and not result:
            self.stale = True
        return result

    def window(self, selector: Selector, start: float, end: float) -> Iterator[Window]:
        """See `Figures`. The window must reach a fresh value, else the figures are stale."""
        low, high = round(start * 1000) + 1, round(end * 1000)
        fresh, any_series = False, False
        for labels, number in self._selected(selector):
            any_series = True
            newest = self._latest.get(number)
            fresh = fresh or (newest is not None and newest[0] >= (end - LOOKBACK) * 1000)
            times, values = self._read(selector.name, labels, number, low, high)
            if times:
                yield labels, [t / 1000 for t in times], values
        if any_series and not fresh:
            self.stale = True

    def _read(
        self, name: str, labels: Labels, number: int, low: int, high: int
    ) -> tuple[array[int], array[float]]:
        if (high - low) > LONG * 1000:
            series = self._info(name, labels, number)
            buckets = self._reader.buckets(series, low, high, FIVE)
            ends = array("q", [min(start + FIVE, high) for start in buckets.starts])
            return ends, buckets.last
        oldest = self._store.head.oldest(self._entry.id)
        if oldest is not None and oldest <= low:
            track = self._store.head.read(self._entry.id, number, low, high)
            return (track.times, track.columns[0]) if track else (array("q"), array("d"))
        track = self._reader.raw(self._info(name, labels, number), low, high)
        return track.times, track.columns[0]

    def _info(self, name: str, labels: Labels, number: int) -> SeriesInfo:
        return SeriesInfo(number, self._entry.id, name, labels, kind_of(name))


class PastFigures:
    """One guest's figures over a stretch of history, each series read once."""

    def __init__(self, reader: Reader, guest: int, start: float, end: float) -> None:
        self._reader = reader
        self._guest = guest
        self._span = round(start * 1000), round(end * 1000)
        self._read: dict[str, list[tuple[Labels, array[float], array[float]]]] = {}
        self.stale = False

    def _series(self, selector: Selector) -> Iterator[tuple[Labels, array[float], array[float]]]:
        known = self._read.get(selector.name)
        if known is None:
            known = self._read[selector.name] = []
            for info in self._reader.series(self._guest, selector.name):
                track = self._reader.raw(info, *self._span)
                times = array("d", [t / 1000 for t in track.times])
                known.append((info.labels, times, track.columns[0]))
        for labels, times, values in known:
            if all_match(selector.matchers, labels):
                yield labels, times, values

    def instant(self, selector: Selector, at: float) -> Vector:
        """See `Figures`."""
        result = {}
        known = False
        for labels, times, values in self._series(selector):
            known = True
            index = bisect_right(times, at) - 1
            if index >= 0 and times[index] >= at - LOOKBACK:
                result[labels] = values[index]
        if known and not result:
            self.stale = True
        return result

    def window(self, selector: Selector, start: float, end: float) -> Iterator[Window]:
        """See `Figures`."""
        fresh, known = False, False
        for labels, times, values in self._series(selector):
            known = True
            low, high = bisect_right(times, start), bisect_right(times, end)
            fresh = fresh or bisect_left(times, end - LOOKBACK) < high
            if low < high:
                yield labels, times[low:high], values[low:high]
        if known and not fresh:
            self.stale = True

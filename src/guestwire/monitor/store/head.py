"""The newest samples, in memory as they came: one flat array of doubles for each layout of a guest.

A layout is a tuple of series that were measured together; a guest has one or a few (fast and slow figures).
Every row carries the number of the log entry that makes it durable, so that compaction can say "the log is
done up to here" without trusting any clock.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right

from guestwire.monitor.store.block import Track, join, ordered


class Rows:
    """The rows of one layout, in the order they came."""

    __slots__ = ("in_order", "layout", "seqs", "series", "times", "values")

    def __init__(self, layout: int, series: tuple[int, ...]) -> None:
        self.layout = layout
        self.series = series
        self.times = array("q")
        self.seqs = array("q")
        self.values = array("d")
        self.in_order = True

    def append(self, at: int, seq: int, values: array[float]) -> None:
        """One more row: its time in milliseconds, its log entry, a value for each series."""
        if self.times and at <= self.times[-1]:
            self.in_order = False
        self.values.extend(values)  # first: a reader in another thread counts the times
        self.seqs.append(seq)
        self.times.append(at)

    def first_from(self, cut: int) -> int:
        """The index after the last row older than `cut` (rows ahead may be newer: clocks go back)."""
        if self.in_order:
            return bisect_left(self.times, cut)
        return max((i + 1 for i, at in enumerate(self.times) if at < cut), default=0)

    def column(self, index: int, count: int) -> array[float]:
        """The first `count` values of one series."""
        width = len(self.series)
        return self.values[index : count * width : width]

    def drop(self, count: int) -> Rows:
        """A copy without the first `count` rows (a reader may still hold this one)."""
        rest = Rows(self.layout, self.series)
        rest.times, rest.seqs = self.times[count:], self.seqs[count:]
        rest.values = self.values[count * len(self.series) :]
        rest.in_order = all(a < b for a, b in zip(rest.times, rest.times[1:], strict=False))
        return rest


class Head:
    """All guests' newest rows."""

    def __init__(self) -> None:
        self.guests: dict[int, dict[int, Rows]] = {}

    def rows(self, guest: int, layout: int, series: tuple[int, ...]) -> Rows:
        """The rows of one layout, made at first use."""
        layouts = self.guests.setdefault(guest, {})
        rows = layouts.get(layout)
        if rows is None:
            rows = layouts[layout] = Rows(layout, series)
        return rows

    def oldest(self, guest: int) -> int | None:
        """The time of the oldest row that came from this guest, in milliseconds."""
        return min(
            (rows.times[0] for rows in self.guests.get(guest, {}).values() if rows.times), default=None
        )

    def first_seq(self) -> int | None:
        """The oldest log entry that any row still needs."""
        return min(
            (rows.seqs[0] for layouts in self.guests.values() for rows in layouts.values() if rows.seqs),
            default=None,
        )

    def read(self, guest: int, series: int, start: int, end: int) -> Track | None:
        """One series between two times, both included."""
        parts = []
        for rows in list(self.guests.get(guest, {}).values()):
            if series in rows.series and rows.times:
                parts.append(self._part(rows, series, start, end))
        parts = [part for part in parts if part.times]
        return join(parts) if parts else None

    @staticmethod
    def _part(rows: Rows, series: int, start: int, end: int) -> Track:
        index = rows.series.index(series)
        if rows.in_order:
            low, high = bisect_left(rows.times, start), bisect_right(rows.times, end)
            width = len(rows.series)
            return Track(rows.times[low:high], (rows.values[low * width + index : high * width : width],))
        times = rows.times[:]
        column = rows.column(index, len(times))
        keep = [i for i, at in enumerate(times) if start <= at <= end]
        return ordered(array("q", [times[i] for i in keep]), (array("d", [column[i] for i in keep]),))

    def latest(self, guest: int) -> dict[int, tuple[int, float]]:
        """The newest (time, value) of every series of a guest that is still in the head."""
        newest: dict[int, tuple[int, float]] = {}
        filled = [rows for rows in self.guests.get(guest, {}).values() if rows.times]
        for rows in sorted(
            filled, key=lambda r: (r.seqs[-1], r.times[-1])
        ):  # a log entry may hold several polls
            at = rows.times[-1]
            last = rows.values[-len(rows.series) :]
            newest.update({series: (at, value) for series, value in zip(rows.series, last, strict=True)})
        return newest

    def cut(self, guest: int, before: int, durable: int) -> tuple[int, dict[int, int]]:
        """What may go into a block: the log entry up to which all of this guest goes, rows by layout.

        No entry after `durable`, the last one that is written: more rows may still join those.
        """
        layouts = self.guests.get(guest, {})
        held = [rows.seqs[i] for rows in layouts.values() if (i := rows.first_from(before)) < len(rows.seqs)]
        upto = min(durable, *(seq - 1 for seq in held)) if held else durable
        return upto, {layout: bisect_right(rows.seqs, upto) for layout, rows in layouts.items()}

    def tracks(self, guest: int, counts: dict[int, int]) -> dict[int, Track]:
        """The first rows of each layout, turned from rows to one track for each series."""
        parts: dict[int, list[Track]] = {}
        for layout, count in counts.items():
            rows = self.guests[guest][layout]
            times = rows.times[:count]
            if count:
                for index, series in enumerate(rows.series):
                    column = (rows.column(index, count),)
                    part = Track(times, column) if rows.in_order else ordered(times, column)
                    parts.setdefault(series, []).append(part)
        return {series: join(some) for series, some in parts.items()}

    def drop(self, guest: int, counts: dict[int, int]) -> list[int]:
        """Forget those rows; gives the layouts that are left without any."""
        layouts = dict(self.guests.get(guest, {}))
        empty = []
        for layout, count in counts.items():
            rest = layouts[layout].drop(count)
            if rest.times:
                layouts[layout] = rest
            else:
                del layouts[layout]
                empty.append(layout)
        self.guests[guest] = layouts
        return empty

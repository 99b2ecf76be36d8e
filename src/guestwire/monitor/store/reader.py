"""Reading history: raw samples, or buckets as wide as a chart needs, over memory and blocks as one.

A reader has its own connection; it sees what was appended at once (memory) and what was compacted.
`offline()` reads a store that no daemon of this process has open, such as a backup.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from array import array
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from guestwire.errors import StartError
from guestwire.monitor.samples import Kind, Labels
from guestwire.monitor.store import schema
from guestwire.monitor.store.block import Block, Track, join
from guestwire.monitor.store.head import Head
from guestwire.monitor.store.registry import Registry
from guestwire.monitor.store.rollup import COLUMNS, reroll, roll
from guestwire.monitor.store.store import Store, replay
from guestwire.monitor.store.tiers import HOURS, MINUTES, RAW, TIERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


_log = logging.getLogger(__name__)
AHEAD = 10 * TIERS[MINUTES].step  # ms ahead of a stretch in which a counter's last sample is looked for


class SeriesInfo(NamedTuple):
    """One series as the store knows it; `guest` is the guest's number."""

    id: int
    guest: int
    name: str
    labels: Labels
    kind: Kind


class Buckets(NamedTuple):
    """History in buckets of `step` ms that begin at `starts`; a counter's figures are per second."""

    step: int
    starts: array[int]
    low: array[float]
    high: array[float]
    average: array[float]
    last: array[float]


class Reader:
    """History of one store. Several threads may share it."""

    def __init__(self, path: Path, head: Head) -> None:
        self.db = schema.connect(path, read_only=True)
        self._damaged: set[int] = set()
        self._using = threading.Lock()  # for as long as a query takes, not for the decoding
        self.head = head

    @classmethod
    def of(cls, store: Store) -> Reader:
        """A reader beside the writer of this process."""
        return cls(store.path, store.head)

    @classmethod
    def offline(cls, path: Path) -> Reader:
        """A reader of a file. Raises StartError when it is no store of this version."""
        try:
            reader = cls(path, Head())
        except sqlite3.Error as error:
            raise StartError(f"{path}: cannot read the store: {error}") from None
        try:
            version = reader.db.execute("PRAGMA user_version").fetchone()[0]
            if version != schema.CURRENT:
                raise StartError(
                    f"{path}: is no guestwire store of version {schema.CURRENT} (it says {version})"
                )
            replay(reader.db, Registry(reader.db), reader.head)
        except (sqlite3.Error, LookupError, ValueError) as error:
            reader.close()
            raise StartError(f"{path}: cannot read the store: {error}") from None
        except StartError:
            reader.close()
            raise
        return reader

    def close(self) -> None:
        """Close the connection."""
        with self._using:
            self.db.close()

    def guests(self) -> dict[str, tuple[int, str]]:
        """(number, name) of each guest by identity."""
        rows = self.db.execute("SELECT identity, id, name FROM guest")
        return {identity: (number, name) for identity, number, name in rows}

    def series(self, guest: int, name: str | None = None) -> list[SeriesInfo]:
        """The series of a guest, all or of one metric."""
        query = "SELECT id, guest, name, labels, kind FROM series WHERE guest = ?"
        rows = self.db.execute(query + (" AND name = ?" if name else ""), (guest, name) if name else (guest,))
        return [
            SeriesInfo(number, owner, metric, tuple(sorted(json.loads(labels).items())), Kind(kind))
            for number, owner, metric, labels, kind in rows
        ]

    def raw(self, series: SeriesInfo, start: int, end: int) -> Track:
        """Samples as they came, from `start` to `end` (ms, both included), in order of time."""
        newest = self.head.read(series.guest, series.id, start, end)  # first: nothing can move past us
        parts = self._blocks(series, RAW, start, end)
        if newest is not None:
            parts.append(newest)
        return _clip(join(parts), start, end) if parts else Track(array("q"), (array("d"),))

    def buckets(self, series: SeriesInfo, start: int, end: int, step: int, now: int | None = None) -> Buckets:
        """History from `start` to `end` (ms) in buckets of at least `step` ms.

        The step grows to that of the finest tier that still reaches back to `start`.
        """
        step = self.step_for(start, step, now if now is not None else end)
        if step < TIERS[MINUTES].step:
            track, before = self._with_before(series, start, end)
            rolled = roll(track, series.kind, step, before) if track.times else None
        else:
            rolled = self._rolled(series, start - start % step, end, step)
        if rolled is None or not rolled.times:
            return Buckets(step, array("q"), *(array("d") for _ in COLUMNS[:-1]))
        return Buckets(step, rolled.times, *rolled.columns[:-1])

    @staticmethod
    def step_for(start: int, step: int, now: int) -> int:
        """The width of buckets that the store can give for a chart from `start` on."""
        step = max(1, step)
        for tier, coarser in ((RAW, MINUTES), (MINUTES, HOURS)):
            if start < now - TIERS[tier].keep:
                step = max(step, TIERS[coarser].step)
        for width in (TIERS[HOURS].step, TIERS[MINUTES].step):
            if step >= width:
                return step - step % width
        return step

    def _rolled(self, series: SeriesInfo, start: int, end: int, step: int) -> Track | None:
        newest = self.head.read(series.guest, series.id, start, end)
        if step >= TIERS[HOURS].step:
            parts = self._blocks(series, HOURS, start, end) + self._blocks(
                series, MINUTES, start, end, open_only=True
            )
        else:
            parts = self._blocks(series, MINUTES, start, end)
        if newest is not None:
            before = self._before(series, newest.times[0])
            parts.append(roll(newest, series.kind, TIERS[MINUTES].step, before))
        if not parts:
            return None
        return reroll(_clip(join(parts, unique=False), start, end), step)

    def _with_before(
        self, series: SeriesInfo, start: int, end: int
    ) -> tuple[Track, tuple[int, float] | None]:
        """Raw samples, and a counter's last one ahead of them, in one reading."""
        if series.kind is not Kind.COUNTER:
            return self.raw(series, start, end), None
        track = self.raw(series, start - AHEAD, end)
        cut = bisect_left(track.times, start)
        before = (track.times[cut - 1], track.columns[0][cut - 1]) if cut else None
        return _clip(track, start, end), before

    def _before(self, series: SeriesInfo, start: int) -> tuple[int, float] | None:
        """A counter's last sample ahead of `start`, if it is in the block there."""
        if series.kind is not Kind.COUNTER:
            return None
        track = self.raw(series, start - AHEAD, start - 1)
        return (track.times[-1], track.columns[0][-1]) if track.times else None

    def last_seen(self, guest: int, metrics: Iterable[Sequence[int]]) -> dict[int, int]:
        """When a metric of a guest was last there: of each, the series that its newest block or the head has.

        A metric is given by the numbers of its series; told is the time (ms) of each that was found.
        """
        found: dict[int, int] = {}
        newest = self.head.latest(guest)
        waiting = []
        for series in metrics:
            told = {number: newest[number][0] for number in series if number in newest}
            found |= told
            if not told:
                waiting.append(series)
        query = "SELECT id FROM block WHERE guest = ? ORDER BY end DESC, tier"
        with self._using:
            blocks = self.db.execute(query, (guest,)).fetchall() if waiting else []
        for (block,) in blocks:
            if not waiting:
                break
            with self._using:
                row = self.db.execute("SELECT data FROM block WHERE id = ?", (block,)).fetchone()
            if row is None:
                continue  # merged into another one meanwhile
            data, left = Block(row[0]), []
            for series in waiting:
                tracks = {number: data.read(number) for number in series if number in data.ids}
                told = {number: track.times[-1] for number, track in tracks.items() if track and track.times}
                found |= told
                if not told:
                    left.append(series)
            waiting = left
        return found

    def _blocks(
        self, series: SeriesInfo, tier: int, start: int, end: int, *, open_only: bool = False
    ) -> list[Track]:
        query = "SELECT id, data FROM block WHERE guest = ? AND tier = ? AND end >= ? AND start <= ?"
        if open_only:
            query += " AND settled = 0"
        with self._using:
            rows = self.db.execute(query + " ORDER BY start", (series.guest, tier, start, end)).fetchall()
        tracks = [self._track(number, data, series.id) for number, data in rows]
        return [track for track in tracks if track is not None]

    def _track(self, number: int, data: bytes, series: int) -> Track | None:
        """A series of a block; a damaged block is a gap, and said once."""
        try:
            return Block(data).read(series)
        except ValueError as error:
            if number not in self._damaged and len(self._damaged) < 1000:
                self._damaged.add(number)
                _log.warning("block %d of the store: %s; charts have a gap there", number, error)
            return None


def _clip(track: Track, start: int, end: int) -> Track:
    low, high = bisect_left(track.times, start), bisect_right(track.times, end)
    if low == 0 and high == len(track.times):
        return track
    return Track(track.times[low:high], tuple(column[low:high] for column in track.columns))

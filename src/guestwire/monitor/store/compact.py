"""From memory and log into blocks, from fine to coarse, and in the end away: the store's housekeeping.

Everything here works on one guest at a time and is one transaction, so that a caller can spread it: after
each step the store is whole.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from guestwire.monitor.catalogue import kind_of
from guestwire.monitor.samples import Kind
from guestwire.monitor.store.block import Block, Track, join, pack
from guestwire.monitor.store.rollup import reroll, roll
from guestwire.monitor.store.schema import used_bytes
from guestwire.monitor.store.tiers import MINUTE, MINUTES, RAW, TIERS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from guestwire.monitor.store.registry import GuestEntry
    from guestwire.monitor.store.store import Store

WINDOW = 30 * MINUTE  # how much of a guest is in memory before it goes into a block
_log = logging.getLogger(__name__)
_INSERT = "INSERT INTO block (guest, tier, start, end, settled, data) VALUES (?, ?, ?, ?, ?, ?)"


def due(store: Store, now: int, window: int = WINDOW) -> Iterator[GuestEntry]:
    """Guests whose oldest sample in memory is older than the window (ms)."""
    for number in list(store.head.guests):
        oldest = store.head.oldest(number)
        if oldest is not None and not now - window < oldest <= now + MINUTE:
            yield store.registry.by_id[number]


def compact(store: Store, entry: GuestEntry, now: int) -> bool:
    """Move a guest's finished five-minute spans into a raw block and its roll-up.

    False if there was nothing to do, or no room to do it.
    Samples not flushed yet are flushed first: a block never holds what the log did not.
    """
    step = TIERS[MINUTES].step
    with store.disk:
        if not store.flush():
            return False
        with store.lock:
            upto, counts = store.head.cut(entry.id, now - now % step, store.durable)
            tracks = store.head.tracks(entry.id, counts)
        if not tracks:
            return False
        rolled = _roll(store, entry, tracks, step)
        with store.transaction():
            _insert(store.db, entry.id, RAW, tracks, settled=True)
            _insert(store.db, entry.id, MINUTES, rolled, settled=False)
            store.db.execute("UPDATE guest SET compacted = ? WHERE id = ?", (upto, entry.id))
        with store.lock:
            store.registry.forget_layouts(entry, store.head.drop(entry.id, counts))
    return True


def trim_log(store: Store) -> None:
    """Delete the log entries of which every row is in a block."""
    with store.disk:
        with store.lock:
            first = store.head.first_seq()
        with store.transaction():
            if first is None:
                store.db.execute("DELETE FROM log WHERE seq <= (SELECT max(compacted) FROM guest)")
            else:
                store.db.execute("DELETE FROM log WHERE seq < ?", (first,))


def _insert(
    db: sqlite3.Connection, guest: int, tier: int, tracks: dict[int, Track], *, settled: bool
) -> None:
    start = min(track.times[0] for track in tracks.values())
    end = max(track.times[-1] for track in tracks.values())
    db.execute(_INSERT, (guest, tier, start, end, int(settled), pack(tracks)))


def _kinds(entry: GuestEntry) -> dict[int, Kind]:
    return {number: kind_of(name) for (name, _), number in entry.series.items()}


def _roll(store: Store, entry: GuestEntry, tracks: dict[int, Track], step: int) -> dict[int, Track]:
    kinds = _kinds(entry)
    query = "SELECT id, data FROM block WHERE guest = ? AND tier = ? ORDER BY end DESC LIMIT 1"
    row = store.db.execute(query, (entry.id, RAW)).fetchone()
    previous = row[1] if row else b""
    ends = _ends(previous, [series for series in tracks if kinds.get(series) is Kind.COUNTER])
    rolled = {}
    for series, track in tracks.items():
        kind = kinds.get(series, Kind.GAUGE)
        rolled[series] = roll(track, kind, step, ends.get(series), exact=False)
    return rolled


def _ends(data: bytes, wanted: list[int]) -> dict[int, tuple[int, float]]:
    """The last samples of some series in a block; of a damaged one there are none."""
    try:
        block = Block(data)
        tails = {series: block.read(series) for series in wanted}
    except ValueError:
        return {}
    return {series: (tail.times[-1], tail.columns[0][-1]) for series, tail in tails.items() if tail}


def settle(store: Store, tier: int, now: int) -> bool:
    """Merge one guest's blocks of one finished period into one, and roll them up into the next tier.

    False when nothing is left to do.
    """
    period = TIERS[tier].merge
    with store.disk:
        query = "SELECT guest, start FROM block WHERE tier = ? AND settled = 0 AND end < ? LIMIT 1"
        row = store.db.execute(query, (tier, now - now % period)).fetchone()
        if row is None:
            return False
        guest, start = row
        start -= start % period
        query = (
            "SELECT id, data FROM block WHERE guest = ? AND tier = ? AND settled = 0 AND start >= ? "
            "AND start < ? AND end < ? ORDER BY start"
        )
        blocks = store.db.execute(query, (guest, tier, start, start + period, now - now % period)).fetchall()
        merged = merge(_sound(blocks, store), TIERS[tier].step)
        with store.transaction():
            store.db.executemany("DELETE FROM block WHERE id = ?", [(number,) for number, _ in blocks])
            if merged:
                _insert(store.db, guest, tier, merged, settled=True)
            if merged and tier + 1 < len(TIERS):
                wider = {series: reroll(track, TIERS[tier + 1].step) for series, track in merged.items()}
                _insert(store.db, guest, tier + 1, wider, settled=False)
    return True


def _sound(rows: list[tuple[int, bytes]], store: Store) -> list[dict[int, Track]]:
    """The tracks of blocks (number, data); of a damaged one there are none, which is said."""
    found = []
    for number, data in rows:
        try:
            found.append(Block(data).tracks())
        except ValueError as error:
            _log.warning("%s: block %d: %s; its stretch of history is lost", store.path, number, error)
            found.append({})
    return found


def merge(blocks: list[dict[int, Track]], step: int) -> dict[int, Track]:
    """The tracks of several blocks of buckets; a bucket that two blocks hold a part of becomes one."""
    parts: dict[int, list[Track]] = {}
    for block in blocks:
        for series, track in block.items():
            parts.setdefault(series, []).append(track)
    return {series: reroll(join(some, unique=False), step) for series, some in parts.items()}


def retain(store: Store, now: int, limit_bytes: int | None = None) -> int:
    """Delete blocks past their tier's time, then the oldest ones while the store is over `limit_bytes`.

    Gives the number of blocks deleted. Freed pages are used again; a part goes back to the file system.
    """
    deleted = 0
    with store.transaction():
        for number, tier in enumerate(TIERS):
            cursor = store.db.execute(
                "DELETE FROM block WHERE tier = ? AND end < ?", (number, now - tier.keep)
            )
            deleted += cursor.rowcount
        keep = now - TIERS[-1].keep
        store.db.execute("DELETE FROM provenance WHERE since < ? AND reason != ''", (keep,))
    while limit_bytes is not None and used_bytes(store.db) > limit_bytes:
        # the finest history is the most bytes and the least missed
        oldest = "SELECT id FROM block ORDER BY tier, end LIMIT 16"
        with store.transaction():
            gone = store.db.execute(f"DELETE FROM block WHERE id IN ({oldest})").rowcount
        deleted += gone
        if not gone:
            break
    with store.disk:
        store.db.executescript("PRAGMA incremental_vacuum(512)")  # execute() would take one step: one page
    return deleted


def forget(store: Store, entry: GuestEntry) -> int:
    """Drop the series of a guest of which no value is left, so that new ones have room; gives their number."""
    left: set[int] = set()
    with store.disk:
        for (data,) in store.db.execute("SELECT data FROM block WHERE guest = ?", (entry.id,)):
            try:
                left.update(Block(data).ids)
            except ValueError:
                return 0  # damaged: nobody knows of which series it was
        with store.lock:
            left.update(store.head.latest(entry.id))
            gone = set(entry.series.values()) - left
            if gone:
                store.registry.forget_series(entry, gone)
    return len(gone)

"""The store: samples go in, are made durable once a second or so, and move from memory to blocks.

    append   one poll into memory; rules and charts see it at once
    flush    what was appended into the log, in one transaction; what it acknowledged survives kill -9
    compact  (compact.py) old rows of one guest from memory and log into a block, and the tiers above it

A full disk stops nothing: rows wait in memory, bounded, `trouble` says what is wrong, and the next flush
that succeeds writes them all.

Two locks, always taken in this order: `disk` around the connection, `lock` around what is in memory.
`append` takes the second alone, so that polls go on while another thread waits for a disk; the event loop
never takes the first, which a compaction holds for long: what it wants to keep waits as a note for the next
flush. Readers have connections of their own.
"""

from __future__ import annotations

import logging
import math
import sqlite3
import threading
from array import array
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

from guestwire.errors import StartError
from guestwire.monitor.samples import LIMITS, Limits, Poll, Sample, usable
from guestwire.monitor.store import log, schema
from guestwire.monitor.store.head import Head
from guestwire.monitor.store.provenance import Provenance
from guestwire.monitor.store.registry import GuestEntry, Key, Registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_log = logging.getLogger(__name__)
PENDING_LIMIT = 64 << 20  # bytes of log entries that wait for a disk
HEAD_ROWS_LIMIT = 4096  # rows of one layout that wait for a disk
_PLAIN = frozenset({int, float})


class Store:
    """A store that this process writes.

    Raises StartError when the file cannot be used or another process writes it.
    """

    def __init__(self, path: Path, *, limits: Limits = LIMITS) -> None:
        self.path = path
        self.trouble: str | None = None
        self.lost = 0  # samples given up for want of room
        self.head = Head()
        self.disk = threading.RLock()
        self.lock = threading.RLock()
        self.db = schema.open_store(path)
        self._claim()
        self._entry = log.Entry()
        self._pending: deque[tuple[int, bytes, int]] = deque()
        self._notes: dict[str, str] = {}
        self.used = schema.used_bytes(self.db)  # bytes of the file that hold something, at the last flush
        try:
            self.registry = Registry(self.db, limits)
            self.provenance = Provenance(self.db)
            self._seq = 1 + replay(self.db, self.registry, self.head)
        except (sqlite3.Error, LookupError, ValueError) as error:
            self.db.close()
            self._lockfile.close()
            raise schema.refusal(path, error) from None

    def _claim(self) -> None:
        """Refuse a second writer: two heads over one log would each miss the other's half."""
        self._lockfile = sqlite3.connect(f"{self.path}.lock", isolation_level=None, check_same_thread=False)
        try:
            self._lockfile.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._lockfile.execute("PRAGMA busy_timeout = 200")
            self._lockfile.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            self._lockfile.close()
            self.db.close()
            raise StartError(
                f"{self.path}: another guestwire writes this store; "
                "stop it, or name another folder with --data-dir"
            ) from None

    def append(self, poll: Poll, name: str | None = None) -> int:
        """Take in one poll; gives the number of samples taken. Not durable before the next `flush`."""
        at = round(poll.at * 1000)
        samples = poll.samples[: self.registry.limits.samples_per_poll]
        with self.lock:
            entry = self.registry.guest(poll.guest, at, name)
            shape = entry.shapes.get(len(samples))
            values = None
            if shape is not None and shape.keys == [sample[:2] for sample in samples]:
                values = _all_usable([sample[2] for sample in samples])
            if shape is not None and values is not None:
                self._append_row(entry, at, shape.series, shape.layout, values)
                taken = len(values)
            else:
                taken = self._sort_out(entry, at, samples)
            self.registry.rows.extend(self.provenance.changes(entry.id, at, poll))
        return taken

    def _sort_out(self, entry: GuestEntry, at: int, samples: list[Sample]) -> int:
        """Samples of which not all are known, or usable."""
        row: dict[int, float] = {}
        for sample in samples:
            series = entry.series.get(sample[:2])
            if series is None:
                series = self.registry.series(entry, sample.name, sample.labels)
            if series and usable(sample.value):
                row[series] = sample.value
        if row:
            numbers = tuple(row)
            layout = self.registry.layout(entry, numbers, array("I", numbers).tobytes())
            self._append_row(entry, at, numbers, layout, array("d", row.values()))
            if len(row) == len(samples):
                self.registry.remember(entry, [sample[:2] for sample in samples], numbers, layout)
        return len(row)

    def _append_row(
        self, entry: GuestEntry, at: int, series: tuple[int, ...], layout: int, values: array[float]
    ) -> None:
        rows = self.head.rows(entry.id, layout, series)
        if len(rows.times) >= HEAD_ROWS_LIMIT:
            half = HEAD_ROWS_LIMIT // 2
            self.lost += half * len(series)
            self.head.drop(entry.id, {layout: half})
            rows = self.head.rows(entry.id, layout, series)
        rows.append(at, self._seq, values)
        self._entry.add(entry.id, layout, at, values)

    @property
    def durable(self) -> int:
        """The last log entry that no row will join any more; after a `flush` that gave True it is written."""
        return self._seq - 1

    def flush(self) -> bool:
        """Make durable what was appended; False (and `trouble` set) if the disk would not take it."""
        with self.disk:
            with self.lock:
                entry, seq = self._entry, self._seq
                if entry.size:
                    self._entry, self._seq = log.Entry(), seq + 1
            if entry.size:
                self._pending.append((seq, entry.data(), entry.size // 8))
            if not self._pending and not self.registry.rows and not self._notes:
                return self.trouble is None
            try:
                with self.transaction():
                    self.db.executemany(
                        "INSERT INTO log (seq, data) VALUES (?, ?)",
                        [(seq, data) for seq, data, _ in self._pending],
                    )
            except sqlite3.Error as error:
                self._shed(error)
                return False
            self._pending.clear()
            self.used = schema.used_bytes(self.db)
            return True

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction that also writes what the registry has waiting; sets and clears `trouble`."""
        with self.disk:
            with self.lock:
                waiting, notes = self.registry.rows[:], dict(self._notes)
            try:
                self.db.execute("BEGIN IMMEDIATE")
                for statement, values in waiting:
                    self.db.execute(statement, values)
                self.db.executemany("INSERT OR REPLACE INTO note VALUES (?, ?)", notes.items())
                yield
                self.db.execute("COMMIT")
            except BaseException as error:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    self.trouble = f"{self.path}: {error}; history waits in memory until there is room"
                raise
            with self.lock:
                del self.registry.rows[: len(waiting)]
                self._notes = {key: text for key, text in self._notes.items() if notes.get(key) != text}
            self.trouble = None

    def _shed(self, error: sqlite3.Error) -> None:
        """Keep what waits for the disk within its bound: the oldest goes first."""
        size = sum(len(data) for _, data, _ in self._pending)
        while size > PENDING_LIMIT and len(self._pending) > 1:
            _, data, samples = self._pending.popleft()
            size -= len(data)
            self.lost += samples

    def note(self, key: str, text: str) -> None:
        """Keep something small that outlives a restart; durable with the next flush."""
        with self.lock:
            self._notes[key] = text

    def noted(self, key: str) -> str | None:
        """What was kept under `key`."""
        if key in self._notes:
            return self._notes[key]
        with self.disk:
            row = self.db.execute("SELECT value FROM note WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def latest(self, identity: str) -> dict[Key, tuple[int, float]]:
        """The newest (time in ms, value) of each series of a guest that was measured of late."""
        entry = self.registry.guests.get(identity)
        if entry is None:
            return {}
        newest = self.head.latest(entry.id)
        return {key: newest[number] for key, number in entry.series.items() if number in newest}

    def backup(self, target: Path) -> None:
        """A consistent copy of the whole store, made while it runs; `target` must not exist."""
        if target.exists():
            raise StartError(f"{target}: exists; a backup never overwrites")
        self.flush()
        with sqlite3.connect(target) as copy, schema.connect(self.path, read_only=True) as source:
            source.backup(copy, pages=256)
        copy.close()
        source.close()

    def close(self) -> None:
        """Flush and close."""
        with self.disk:
            self.flush()
            self.db.close()
            self._lockfile.close()


def _all_usable(values: list[float]) -> array[float] | None:
    """The values of a poll if each is `usable`; None if one is not, or it would take a closer look."""
    if not _PLAIN.issuperset(map(type, values)):
        return None
    try:
        plain = math.isfinite(sum(values)) and min(values) > -1e300 and max(values) < 1e300
    except (OverflowError, ValueError):  # an integer of a thousand digits; no value at all
        return None
    return array("d", values) if plain else None


def replay(db: sqlite3.Connection, registry: Registry, head: Head) -> int:
    """Fill `head` from the log with what is not in blocks yet; gives the number of the last entry.

    A damaged entry, the samples of a second, is left out and said.
    """
    layouts: dict[int, tuple[int, ...]] = {}
    for number, guest, blob in db.execute("SELECT id, guest, series FROM layout"):
        layouts[number] = tuple(array("I", blob))
        registry.by_id[guest].layouts[layouts[number]] = number
    done = dict(db.execute("SELECT id, compacted FROM guest"))
    last: int = max((*done.values(), 0))
    for seq, data in db.execute("SELECT seq, data FROM log ORDER BY seq"):
        last = max(last, seq)
        try:
            rows = list(log.rows(data))
        except ValueError as error:
            _log.warning("log entry %d of the store is lost: %s", seq, error)
            continue
        for guest, layout, at, values in rows:
            if seq > done.get(guest, 0) and len(layouts.get(layout, ())) == len(values):
                head.rows(guest, layout, layouts[layout]).append(at, seq, values)
    return last

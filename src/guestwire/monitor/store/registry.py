"""Who is known: guests and series, and their numbers in the database.

Numbers are given in memory, so that a sample costs a look-up; the rows that make them durable wait in
`rows` and go into the database with the next flush, ahead of the samples that use them. Keys are shared
between guests.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from guestwire.monitor.catalogue import kind_of
from guestwire.monitor.samples import LIMITS, Labels, Limits, admit

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

Key = tuple[str, Labels]
REFUSED = 0


SHAPES = 4  # of one guest: polls bring fast figures, or these and slow ones


class Shape(NamedTuple):
    """What a poll brought, but for the values: if the next one brings the same, nothing is looked up."""

    keys: list[Key]
    series: tuple[int, ...]
    layout: int


@dataclass(slots=True)
class GuestEntry:
    """One guest: its series by key, what it calls them where that had to be cleaned, its layouts.

    `shapes` are of its last polls, by the number of their samples.
    """

    id: int
    identity: str
    name: str
    series: dict[Key, int] = field(default_factory=dict)
    aliases: dict[Key, int] = field(default_factory=dict)
    layouts: dict[tuple[int, ...], int] = field(default_factory=dict)
    shapes: dict[int, Shape] = field(default_factory=dict)


class Registry:
    """All guests and series of one store."""

    def __init__(self, db: sqlite3.Connection, limits: Limits = LIMITS) -> None:
        self.limits = limits
        self.guests: dict[str, GuestEntry] = {}
        self.by_id: dict[int, GuestEntry] = {}
        self.rows: list[tuple[str, tuple[Any, ...]]] = []
        self.refused = 0
        self._keys: dict[Key, Key] = {}
        self._load(db)

    def _load(self, db: sqlite3.Connection) -> None:
        for number, identity, name in db.execute("SELECT id, identity, name FROM guest"):
            self._add(GuestEntry(number, identity, name))
        for number, guest, name, labels in db.execute("SELECT id, guest, name, labels FROM series"):
            entry = self.by_id[guest]
            entry.series[self._shared((name, tuple(sorted(json.loads(labels).items()))))] = number
        self._next_guest = 1 + max(self.by_id, default=0)
        self._next_series = 1 + (db.execute("SELECT max(id) FROM series").fetchone()[0] or 0)
        self._next_layout = 1 + (db.execute("SELECT max(id) FROM layout").fetchone()[0] or 0)

    def _add(self, entry: GuestEntry) -> None:
        self.guests[entry.identity] = self.by_id[entry.id] = entry

    def _shared(self, key: Key) -> Key:
        return self._keys.setdefault(key, key)

    def guest(self, identity: str, at: int, name: str | None = None) -> GuestEntry:
        """The guest of that identity, made known at first sight; a new `name` renames it."""
        entry = self.guests.get(identity)
        if entry is None:
            entry = GuestEntry(self._next_guest, identity, name or identity)
            self._next_guest += 1
            self._add(entry)
            row = (entry.id, identity, entry.name, at)
            self.rows.append(("INSERT INTO guest (id, identity, name, first_seen) VALUES (?, ?, ?, ?)", row))
        elif name is not None and name != entry.name:
            entry.name = name
            self.rows.append(("UPDATE guest SET name = ? WHERE id = ?", (name, entry.id)))
        return entry

    def series(self, entry: GuestEntry, name: str, labels: Labels) -> int:
        """The number of a series that `entry.series` has not, REFUSED if the guest may not have it."""
        number = entry.aliases.get((name, labels))
        if number is not None:
            return number
        admitted = admit(name, labels, self.limits)
        number = REFUSED
        if admitted is not None:
            number = entry.series.get(admitted, REFUSED) or self._new_series(entry, admitted)
        if number == REFUSED:
            self.refused += 1
        if admitted != (name, labels) and len(entry.aliases) < self.limits.series_per_guest:
            entry.aliases[(name, labels)] = number  # cleaned or refused only once
        return number

    def _new_series(self, entry: GuestEntry, admitted: Key) -> int:
        if len(entry.series) >= self.limits.series_per_guest:
            return REFUSED
        key = self._shared(admitted)
        number = self._next_series
        self._next_series += 1
        entry.series[key] = number
        name, labels = key
        row = (number, entry.id, name, json.dumps(dict(labels)), kind_of(name))
        self.rows.append(("INSERT INTO series (id, guest, name, labels, kind) VALUES (?, ?, ?, ?, ?)", row))
        return number

    def layout(self, entry: GuestEntry, series: tuple[int, ...], blob: bytes) -> int:
        """The number of a layout, made at first use."""
        number = entry.layouts.get(series)
        if number is None:
            number = entry.layouts[series] = self._next_layout
            self._next_layout += 1
            row = (number, entry.id, blob)
            self.rows.append(("INSERT INTO layout (id, guest, series) VALUES (?, ?, ?)", row))
        return number

    def remember(self, entry: GuestEntry, keys: Iterable[Key], series: tuple[int, ...], layout: int) -> None:
        """Expect the like of this poll again, if every key is as it was stored; the text is kept once for all."""
        shared = [key for key in map(self._keys.get, keys) if key is not None]
        if len(shared) == len(series):
            if len(entry.shapes) >= SHAPES:
                entry.shapes.clear()
            entry.shapes[len(series)] = Shape(shared, series, layout)

    def forget_layouts(self, entry: GuestEntry, numbers: list[int]) -> None:
        """Drop layouts that no row uses any more."""
        gone = set(numbers)
        entry.shapes.clear()
        entry.layouts = {series: number for series, number in entry.layouts.items() if number not in gone}
        self.rows.extend(("DELETE FROM layout WHERE id = ?", (number,)) for number in numbers)

    def forget_series(self, entry: GuestEntry, numbers: set[int]) -> None:
        """Drop series of which no value is left anywhere."""
        entry.series = {key: number for key, number in entry.series.items() if number not in numbers}
        entry.aliases.clear()
        entry.shapes.clear()
        self.rows.extend(("DELETE FROM series WHERE id = ?", (number,)) for number in numbers)

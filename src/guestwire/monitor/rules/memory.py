"""Alerts and silences in the store, so that a restart keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from guestwire.monitor.rules.nodes import Matcher
from guestwire.monitor.rules.silences import Silence
from guestwire.monitor.rules.state import Alert, State

if TYPE_CHECKING:
    import sqlite3

    from guestwire.monitor.samples import Labels


class Disk(Protocol):
    """What keeps the rows: the daemon's `Store`, or `Beside` it."""

    @property
    def db(self) -> sqlite3.Connection:
        """Where to read."""

    def transaction(self) -> AbstractContextManager[None]:
        """Where to write."""


def save_alerts(
    store: Disk, rows: Iterable[tuple[str, Alert]], gone: Iterable[tuple[str, str, Labels]]
) -> None:
    """Write alerts (with the identity of their guest) and delete others, in one transaction."""
    values = [
        (a.rule, identity, json.dumps(dict(a.labels)), a.state, round(a.since * 1000), a.value, a.summary)
        for identity, a in rows
    ]
    with store.transaction():
        store.db.executemany(
            "DELETE FROM alert WHERE rule = ? AND guest = ? AND labels = ?",
            [(rule, identity, json.dumps(dict(labels))) for rule, identity, labels in gone],
        )
        store.db.executemany("INSERT OR REPLACE INTO alert VALUES (?, ?, ?, ?, ?, ?, ?)", values)


def load_alerts(store: Disk) -> list[tuple[str, Alert]]:
    """All alerts with the identity of their guest."""
    found = []
    for rule, identity, text, state, since, value, summary in store.db.execute("SELECT * FROM alert"):
        labels = tuple(sorted(json.loads(text).items()))
        found.append(
            (identity, Alert(rule, identity, labels, State(state), since / 1000, value, summary=summary))
        )
    return found


def add_silence(
    store: Disk, matchers: Iterable[Matcher], starts: float, ends: float, *, author: str, comment: str
) -> int:
    """Keep a silence; gives its number."""
    text = json.dumps([[m.label, m.op, m.value] for m in matchers])
    with store.transaction():
        cursor = store.db.execute(
            "INSERT INTO silence (matchers, starts, ends, author, comment) VALUES (?, ?, ?, ?, ?)",
            (text, round(starts * 1000), round(ends * 1000), author, comment),
        )
    return int(cursor.lastrowid or 0)


def end_silence(store: Disk, number: int, now: float) -> bool:
    """End a silence now; False if there is none of that number that has not ended."""
    with store.transaction():
        query = "UPDATE silence SET ends = ? WHERE id = ? AND ends > ?"
        return store.db.execute(query, (round(now * 1000), number, round(now * 1000))).rowcount > 0


def silences(store: Disk, now: float) -> list[Silence]:
    """The silences that have not ended."""
    rows = store.db.execute("SELECT * FROM silence WHERE ends > ? ORDER BY id", (round(now * 1000),))
    return [
        Silence(
            number, tuple(Matcher(*m) for m in json.loads(text)), starts / 1000, ends / 1000, author, comment
        )
        for number, text, starts, ends, author, comment in rows
    ]

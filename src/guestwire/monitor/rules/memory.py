"""Alerts and silences in the store, so that a restart keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

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


HISTORY_LIMIT = 20_000  # entries of the history


class Past(NamedTuple):
    """An alert that began to fire, or ended, at `at` (seconds); `guest` is an identity."""

    id: int
    at: float
    rule: str
    guest: str
    labels: dict[str, str]
    state: str
    severity: str
    value: float
    summary: str


class HistoryQuery(NamedTuple):
    """Which entries: of a time (seconds), a guest's identity, a rule, with a smaller `id` than `before`."""

    start: float = 0.0
    end: float = 1e11
    guest: str = ""
    rule: str = ""
    before: int = 0
    limit: int = 100


def save_alerts(
    store: Disk, rows: Iterable[tuple[str, Alert]], gone: Iterable[tuple[str, str, Labels]]
) -> None:
    """Write alerts (with the identity of their guest) and delete others, in one transaction."""
    rows = list(rows)
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
        _log(store, rows)


def _log(store: Disk, rows: Iterable[tuple[str, Alert]]) -> None:
    """Add what began to fire or ended to the history; the oldest entries go."""
    values = [
        (
            round(a.since * 1000),
            a.rule,
            i,
            json.dumps(dict(a.labels)),
            a.state,
            a.severity,
            a.value,
            a.summary,
        )
        for i, a in rows
        if a.state is not State.PENDING
    ]
    if values:
        store.db.executemany(
            "INSERT INTO alert_log (at, rule, guest, labels, state, severity, value, text) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )
        store.db.execute(
            "DELETE FROM alert_log WHERE id <= (SELECT max(id) FROM alert_log) - ?", (HISTORY_LIMIT,)
        )


def history(store: Disk, query: HistoryQuery) -> list[Past]:
    """What fired and ended, the newest first."""
    wanted: list[str] = ["at BETWEEN ? AND ?"]
    values: list[Any] = [query.start * 1000, query.end * 1000]
    for column, value in (("guest", query.guest), ("rule", query.rule), ("id <", query.before)):
        if value:
            wanted.append(f"{column} ?" if column.endswith("<") else f"{column} = ?")
            values.append(value)
    rows = store.db.execute(
        f"SELECT * FROM alert_log WHERE {' AND '.join(wanted)} ORDER BY id DESC LIMIT ?",
        (*values, query.limit),
    )
    return [
        Past(number, at / 1000, rule, guest, json.loads(labels), state, severity, value, text)
        for number, at, rule, guest, labels, state, severity, value, text in rows
    ]


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

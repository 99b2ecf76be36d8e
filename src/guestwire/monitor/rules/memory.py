"""Alerts and silences in the store, so that a restart keeps them."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from guestwire.monitor.rules.nodes import Matcher
from guestwire.monitor.rules.silences import Silence
from guestwire.monitor.rules.state import Alert, State

if TYPE_CHECKING:
    import sqlite3

    from guestwire.monitor.samples import Labels


class Readable(Protocol):
    """Where rows are read: a `Reader` does, or what also writes."""

    @property
    def db(self) -> sqlite3.Connection:
        """The connection."""


class Disk(Readable, Protocol):
    """What keeps the rows: the daemon's `Store`, or `Beside` it."""

    def transaction(self) -> AbstractContextManager[None]:
        """Where to write."""


HISTORY_LIMIT = 20_000  # entries of the history
WAITING_LIMIT = 50_000  # alerts that wait for a disk


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


class Changes:
    """What is to be written of alerts: the newest state of each, and what goes into the history.

    Gathered while rules are evaluated and written later, elsewhere: nobody who evaluates waits for a disk.
    """

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, str], tuple[Any, ...] | None] = {}
        self._log: deque[tuple[Any, ...]] = deque(maxlen=HISTORY_LIMIT)

    def __bool__(self) -> bool:
        return bool(self._rows)

    def add(self, identity: str, alert: Alert) -> None:
        """An alert of the guest `identity` as it is now."""
        a, labels = alert, json.dumps(dict(alert.labels))
        since = round(a.since * 1000)
        self._put((a.rule, identity, labels), (a.state, since, a.value, a.summary))
        if a.state is not State.PENDING:
            self._log.append((since, a.rule, identity, labels, a.state, a.severity, a.value, a.summary))

    def drop(self, rule: str, identity: str, labels: Labels) -> None:
        """An alert that is forgotten."""
        self._put((rule, identity, json.dumps(dict(labels))), None)

    def _put(self, key: tuple[str, str, str], row: tuple[Any, ...] | None) -> None:
        self._rows.pop(key, None)
        self._rows[key] = row
        if len(self._rows) > WAITING_LIMIT:
            del self._rows[next(iter(self._rows))]

    def take(self) -> Changes:
        """What is there now, to be saved; this one goes on empty."""
        taken = Changes()
        taken._rows, self._rows = self._rows, {}
        taken._log, self._log = self._log, deque(maxlen=HISTORY_LIMIT)
        return taken

    def put_back(self, older: Changes) -> None:
        """What could not be saved, under what came since."""
        self._rows = dict([*older._rows.items(), *self._rows.items()][-WAITING_LIMIT:])
        self._log = deque([*older._log, *self._log], HISTORY_LIMIT)

    def save(self, store: Disk) -> None:
        """Write all in one transaction."""
        with store.transaction():
            store.db.executemany(
                "DELETE FROM alert WHERE rule = ? AND guest = ? AND labels = ?",
                [key for key, row in self._rows.items() if row is None],
            )
            store.db.executemany(
                "INSERT OR REPLACE INTO alert VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(*key, *row) for key, row in self._rows.items() if row is not None],
            )
            if self._log:
                store.db.executemany(
                    "INSERT INTO alert_log (at, rule, guest, labels, state, severity, value, text) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    self._log,
                )
                store.db.execute(
                    "DELETE FROM alert_log WHERE id <= (SELECT max(id) FROM alert_log) - ?", (HISTORY_LIMIT,)
                )


def save_alerts(
    store: Disk, rows: Iterable[tuple[str, Alert]], gone: Iterable[tuple[str, str, Labels]]
) -> None:
    """Write alerts (with the identity of their guest) and delete others, in one transaction."""
    changes = Changes()
    for rule, identity, labels in gone:
        changes.drop(rule, identity, labels)
    for identity, alert in rows:
        changes.add(identity, alert)
    changes.save(store)


def history(store: Readable, query: HistoryQuery) -> list[Past]:
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


def load_alerts(store: Readable) -> list[tuple[str, Alert]]:
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


def silences(store: Readable, now: float) -> list[Silence]:
    """The silences that have not ended."""
    rows = store.db.execute("SELECT * FROM silence WHERE ends > ? ORDER BY id", (round(now * 1000),))
    return [
        Silence(
            number, tuple(Matcher(*m) for m in json.loads(text)), starts / 1000, ends / 1000, author, comment
        )
        for number, text, starts, ends, author, comment in rows
    ]

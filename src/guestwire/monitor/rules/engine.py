"""Runs the rules: every rule on every guest, as often as the rule says, and keeps what came of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING

from guestwire.monitor.rules import memory
from guestwire.monitor.rules.evaluate import EvaluationError, evaluate
from guestwire.monitor.rules.figures import Index, LiveFigures
from guestwire.monitor.rules.state import Alert, Ledger

if TYPE_CHECKING:
    from guestwire.monitor.rules.load import Rule
    from guestwire.monitor.samples import Labels
    from guestwire.monitor.store.reader import Reader
    from guestwire.monitor.store.registry import GuestEntry
    from guestwire.monitor.store.store import Store


class Engine:
    """All rules over all guests of one store. `errors` has the last error of each rule that has one.

    `changes` are the alerts that are to be written.
    """

    def __init__(self, store: Store, reader: Reader, rules: dict[str, Rule]) -> None:
        self.store = store
        self.reader = reader
        self.rules = rules
        self.errors: dict[str, str] = {}
        self._index = Index()
        self._ledgers: dict[tuple[str, str], Ledger] = {}
        self.changes = memory.Changes()
        self._next: dict[str, float] = {}
        for identity, alert in memory.load_alerts(store):
            rule, entry = rules.get(alert.rule), store.registry.guests.get(identity)
            if rule is not None and entry is not None:
                ledger = self._ledger(rule, entry)
                alert.guest, alert.severity, alert.extra = entry.name, rule.severity, rule.labels
                ledger.alerts[alert.labels] = alert

    def reload(self, rules: dict[str, Rule]) -> None:
        """Take new rules; alerts of a rule that stays keep their state."""
        self.rules = rules
        self._next = {name: at for name, at in self._next.items() if name in rules}
        self._ledgers = {key: ledger for key, ledger in self._ledgers.items() if key[0] in rules}
        for (name, _), ledger in self._ledgers.items():
            ledger.rule = rules[name]

    def alerts(self) -> list[Alert]:
        """Every alert, pending, firing or lately resolved."""
        return [alert for _, alert in self.owned()]

    def owned(self) -> Iterator[tuple[str, Alert]]:
        """Every alert with the identity of its guest."""
        for (_, identity), ledger in self._ledgers.items():
            for alert in ledger.alerts.values():
                yield identity, alert

    def due(self, now: float) -> list[Rule]:
        """The rules whose turn it is; asking gives them their next turn. A clock that was set back delays none."""
        turn = [
            rule
            for name, rule in self.rules.items()
            if not now < self._next.get(name, 0.0) <= now + rule.every
        ]
        for rule in turn:
            self._next[rule.name] = now + rule.every
        return turn

    def run(self, now: float) -> Iterator[list[Alert]]:
        """Evaluate what is due and write what came of it; see `steps`."""
        yield from self.steps(now)
        changes = self.changes.take()
        if not self.saved(changes):
            self.changes.put_back(changes)

    def steps(self, now: float) -> Iterator[list[Alert]]:
        """Evaluate what is due, one guest at a step so that a caller can pause; gives what changed state."""
        turn = self.due(now)
        if turn:
            for entry in list(self.store.registry.guests.values()):
                yield self._guest(entry, turn, now)

    def saved(self, changes: memory.Changes) -> bool:
        """Write `changes`, in whatever thread; False if the disk would not take them."""
        if changes:
            try:
                changes.save(self.store)
            except sqlite3.Error:
                return False
        return True

    def forget(self, identity: str, now: float) -> list[Alert]:
        """A guest is gone or shut off: its alerts end."""
        changed = []
        for (_, guest), ledger in self._ledgers.items():
            if guest == identity:
                before = set(ledger.alerts)
                ended = ledger.end(now)
                self._keep(identity, ledger, ended, before)
                changed += ended
        return changed

    def _ledger(self, rule: Rule, entry: GuestEntry) -> Ledger:
        key = (rule.name, entry.identity)
        ledger = self._ledgers.get(key)
        if ledger is None:
            ledger = self._ledgers[key] = Ledger(rule, entry.identity, entry.name)
        ledger.name = entry.name
        return ledger

    def _guest(self, entry: GuestEntry, turn: list[Rule], now: float) -> list[Alert]:
        figures = LiveFigures(self.store, self.reader, self._index, entry, now)
        changed: list[Alert] = []
        for rule in turn:
            figures.stale = False
            try:
                vector = evaluate(rule.node, figures, now)
            except (EvaluationError, OverflowError) as error:
                self.errors[rule.name] = f"{entry.name}: {error}"
                continue
            self.errors.pop(rule.name, None)
            assert not isinstance(vector, float), "the loader refuses such rules"
            key = (rule.name, entry.identity)
            if not vector and key not in self._ledgers:
                continue
            ledger = self._ledger(rule, entry)
            before = set(ledger.alerts)
            new = ledger.update(now, vector, stale=figures.stale)
            self._keep(entry.identity, ledger, new, before)
            if not ledger.alerts:
                del self._ledgers[key]
            changed += new
        return changed

    def _keep(self, identity: str, ledger: Ledger, changed: list[Alert], before: set[Labels]) -> None:
        for labels in before - set(ledger.alerts):
            self.changes.drop(ledger.rule.name, identity, labels)
        for alert in changed:
            self.changes.add(identity, alert)

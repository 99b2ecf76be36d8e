"""The life of an alert: inactive, pending, firing, resolved. Sans I/O: it is told what an expression said, and when.

    inactive --holds--> pending --`for` over--> firing --no longer holds--> resolved --a while--> inactive
                        pending --no longer holds--> inactive

Silence is no evidence. While the figures behind a rule are stale, a pending alert's clock stands still and
a firing alert keeps firing. The same goes for a gap in which nobody evaluated: the daemon's own absence
fires and ends nothing.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from guestwire.monitor.rules import template

if TYPE_CHECKING:
    from guestwire.monitor.rules.evaluate import Vector
    from guestwire.monitor.rules.load import Rule
    from guestwire.monitor.samples import Labels

RESOLVED_SHOWN = 900.0  # seconds that a resolved alert is still listed
PER_RULE = 50  # alerts of one rule that one guest may have


class State(enum.StrEnum):
    """Where an alert is."""

    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(slots=True)
class Alert:
    """One rule, one guest, one set of labels. Times in seconds since the epoch."""

    rule: str
    guest: str
    labels: Labels
    state: State
    since: float
    value: float
    severity: str = "warning"
    extra: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    description: str = ""
    stale: bool = False
    absent: float | None = None  # since when a firing alert's expression no longer holds

    def all_labels(self) -> dict[str, str]:
        """What a notification carries."""
        own = {"alertname": self.rule, "guest": self.guest, "severity": self.severity}
        return {**dict(self.labels), **self.extra, **own}


class Ledger:
    """All alerts of one rule on one guest."""

    def __init__(self, rule: Rule, guest: str, name: str) -> None:
        self.rule = rule
        self.guest = guest
        self.name = name
        self.alerts: dict[Labels, Alert] = {}
        self.last: float | None = None
        self.dropped = 0

    def update(self, now: float, vector: Vector, *, stale: bool) -> list[Alert]:
        """Take in what the expression said at `now`; gives the alerts that changed state."""
        changed = [alert for alert in self._over(now, vector, stale) if alert is not None]
        self._stand_still(now, vector, stale)
        for labels, value in vector.items():
            alert = self.alerts.get(labels)
            if alert is None or alert.state is State.RESOLVED:
                alert = self._begin(now, labels, value)
                if alert is None:
                    continue
                changed.append(alert)
            else:
                alert.value, alert.stale, alert.absent = value, False, None
                self._describe(alert)
            if alert.state is State.PENDING and now - alert.since >= self.rule.hold:
                alert.state, alert.since = State.FIRING, now
                if alert not in changed:
                    changed.append(alert)
        self.last = now
        return changed

    def end(self, now: float) -> list[Alert]:
        """The guest is gone: nothing of it stays open."""
        changed = []
        for alert in list(self.alerts.values()):
            if alert.state is State.PENDING:
                del self.alerts[alert.labels]
            elif alert.state is State.FIRING:
                alert.state, alert.since, alert.absent = State.RESOLVED, now, None
                changed.append(alert)
        return changed

    def _begin(self, now: float, labels: Labels, value: float) -> Alert | None:
        if labels not in self.alerts and len(self.alerts) >= PER_RULE:
            self.dropped += 1
            return None
        rule = self.rule
        alert = Alert(rule.name, self.name, labels, State.PENDING, now, value, rule.severity, rule.labels)
        self.alerts[labels] = alert
        self._describe(alert)
        return alert

    def _describe(self, alert: Alert) -> None:
        labels = alert.all_labels()
        alert.summary = template.fill(self.rule.summary, labels, alert.value)
        alert.description = template.fill(self.rule.description, labels, alert.value)

    def _over(self, now: float, vector: Vector, stale: bool) -> list[Alert | None]:
        """Alerts whose expression no longer holds."""
        return [
            self._lapse(alert, now, stale)
            for labels, alert in list(self.alerts.items())
            if labels not in vector
        ]

    def _lapse(self, alert: Alert, now: float, stale: bool) -> Alert | None:
        if alert.state is State.RESOLVED:
            if now - alert.since >= RESOLVED_SHOWN:
                del self.alerts[alert.labels]
            return None
        alert.stale = stale
        if stale:
            return None
        if alert.state is State.PENDING:
            del self.alerts[alert.labels]
            return None
        if alert.absent is None:
            alert.absent = now
        if now - alert.absent < self.rule.keep:
            return None
        alert.state, alert.since, alert.absent = State.RESOLVED, now, None
        return alert

    def _stand_still(self, now: float, vector: Vector, stale: bool) -> None:
        """Pending clocks do not count time in which nothing was known."""
        if self.last is None:
            missed = None
        else:
            passed = now - self.last
            missed = passed - self.rule.every if passed > max(3 * self.rule.every, 60.0) else 0.0
        for labels, alert in self.alerts.items():
            if alert.state is not State.PENDING:
                continue
            if missed is None:
                alert.since = now
            elif stale and labels not in vector:
                alert.since += now - (self.last or now)
            else:
                alert.since = min(now, alert.since + missed)

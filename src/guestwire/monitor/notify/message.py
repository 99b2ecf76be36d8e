"""One notification: some alerts of one group, as title and text and as data."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from guestwire.monitor.rules.load import SEVERITIES
from guestwire.monitor.rules.state import Alert, State

LISTED = 20  # alerts that a text names one by one


@dataclass(frozen=True, slots=True)
class Notification:
    """Alerts that are told together; `group` is what they share."""

    group: tuple[tuple[str, str], ...]
    firing: tuple[Alert, ...]
    resolved: tuple[Alert, ...]

    @property
    def severity(self) -> str:
        """The worst severity among the firing alerts, or of the resolved ones when none fires."""
        return max((a.severity for a in self.firing or self.resolved), key=SEVERITIES.index)

    def title(self) -> str:
        """One line."""
        about = ", ".join(value for _, value in self.group) or "guestwire"
        if not self.firing:
            return f"[resolved] {about}: {_names(self.resolved)}"
        count = f" ({len(self.firing)})" if len(self.firing) > 1 else ""
        return f"[{self.severity}] {about}: {_names(self.firing)}{count}"

    def text(self) -> str:
        """Every alert on a line of its own."""
        lines = [f"- {alert.summary or alert.rule}" for alert in self.firing[:LISTED]]
        lines += [f"- over: {alert.summary or alert.rule}" for alert in self.resolved[:LISTED]]
        hidden = max(0, len(self.firing) - LISTED) + max(0, len(self.resolved) - LISTED)
        return "\n".join(lines + ([f"- and {hidden} more"] if hidden else []))

    def data(self) -> dict[str, Any]:
        """The same for programs: what the webhook sends."""
        return {
            "version": 1,
            "status": "firing" if self.firing else "resolved",
            "severity": self.severity,
            "title": self.title(),
            "text": self.text(),
            "group": dict(self.group),
            "alerts": [alert_data(alert) for alert in (*self.firing, *self.resolved)],
        }


def alert_data(alert: Alert) -> dict[str, Any]:
    """One alert for programs."""
    return {
        "status": str(alert.state),
        "since": stamp(alert.since),
        "labels": alert.all_labels(),
        "value": alert.value,
        "stale": alert.stale,
        "summary": alert.summary,
        "description": alert.description,
        "resolved": alert.state is State.RESOLVED,
    }


def stamp(at: float) -> str:
    """Seconds since the epoch as RFC 3339, in UTC."""
    return (
        datetime.datetime.fromtimestamp(at, datetime.UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )


def _names(alerts: tuple[Alert, ...]) -> str:
    names = list(dict.fromkeys(alert.rule for alert in alerts))
    return ", ".join(names[:4]) + (", …" if len(names) > 4 else "")

"""Alerts to a Prometheus Alertmanager, which does its own grouping and silencing: API v2.

Alertmanager forgets an alert that is not repeated, so all that fire are posted again and again, each with
an end a few rounds ahead: when guestwire dies, its alerts end by themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from guestwire.monitor.notify.message import stamp
from guestwire.monitor.post import Answer, check_url, post
from guestwire.monitor.rules.state import Alert, State

EVERY = 60.0  # seconds between rounds
ROUNDS = 4  # that an alert outlives its last post


class Alertmanager:
    """Posts alerts to `URL/api/v2/alerts`."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        check_url(url)
        self._url = url.rstrip("/") + "/api/v2/alerts"
        self._headers = {"Content-Type": "application/json", **(headers or {})}

    def send(self, alerts: Iterable[Alert], now: float) -> Answer | None:
        """Post all that fire or were lately resolved; None if there is nothing to post. Raises PostError."""
        told = [described(alert, now) for alert in alerts if alert.state is not State.PENDING]
        if not told:
            return None
        return post(self._url, json.dumps(told).encode(), self._headers)


def described(alert: Alert, now: float) -> dict[str, Any]:
    """One alert as Alertmanager takes it."""
    over = alert.state is State.RESOLVED
    return {
        "labels": alert.all_labels(),
        "annotations": {"summary": alert.summary, "description": alert.description},
        "startsAt": stamp(min(alert.since, now)),
        "endsAt": stamp(alert.since if over else now + ROUNDS * EVERY),
    }

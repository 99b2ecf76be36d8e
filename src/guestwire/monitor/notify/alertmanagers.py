"""Keeps Alertmanagers told: at once when an alert begins or ends, and again and again while one fires."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from guestwire.monitor.notify.alertmanager import EVERY, Alertmanager
from guestwire.monitor.post import PostError
from guestwire.monitor.rules.state import Alert, State
from guestwire.monitor.samples import Kind

if TYPE_CHECKING:
    from guestwire.monitor.export.exposition import Exposition

LOOK = 5.0  # seconds between looks for a change


class Telling:
    """One Alertmanager; `alerts` gives what is to be told now."""

    def __init__(
        self,
        manager: Alertmanager,
        alerts: Callable[[], Iterable[Alert]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.trouble: str | None = None
        self.sent = 0
        self.failed = 0
        self._manager = manager
        self._alerts = alerts
        self._clock = clock
        self._told: frozenset[tuple[object, ...]] = frozenset()
        self._at = float("-inf")

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            await self.step()
            await asyncio.sleep(LOOK)

    async def step(self) -> None:
        """Tell if something changed or the last telling is old; a failure is tried again with the next look."""
        alerts = [alert for alert in self._alerts() if alert.state is not State.PENDING]
        now = self._clock()
        current = frozenset((a.rule, a.guest, a.labels, a.state) for a in alerts)
        if current == self._told and now - self._at < EVERY:
            return
        try:
            answer = await asyncio.to_thread(self._manager.send, alerts, now)
        except PostError as error:
            self._failed(str(error))
            return
        if answer is not None and not answer.ok:
            self._failed(f"HTTP {answer.status}: {answer.text[:200]}")
            return
        self.trouble = None
        self.sent += answer is not None
        self._told, self._at = current, now

    def _failed(self, trouble: str) -> None:
        self.trouble = f"alertmanager: {trouble}"
        self.failed += 1

    def close(self) -> None:
        """Nothing is held."""

    def add(self, exposition: Exposition) -> None:
        """How it goes."""
        labels = (("channel", "alertmanager"),)
        for name, value in (("sent", self.sent), ("failed", self.failed)):
            text = f"Rounds of alerts {name}."
            exposition.add(
                f"guestwire_alertmanager_{name}_total", labels, value, kind=Kind.COUNTER, text=text
            )

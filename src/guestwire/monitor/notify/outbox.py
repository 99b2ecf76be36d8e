"""Notifications on their way: a bounded queue for each channel, retried with growing waits, given up in the end."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

from guestwire.monitor.post import Answer, PostError

if TYPE_CHECKING:
    from guestwire.monitor.notify.message import Notification

LIMIT = 200
FIRST_WAIT, LONGEST_WAIT = 5.0, 300.0
GIVE_UP = 24 * 3600.0


class Channel(Protocol):
    """What a notifier is: `webhook.py` and `services.py`."""

    name: str

    def send(self, notification: Notification) -> Answer:
        """One attempt. Raises PostError."""


class Outbox:
    """What waits for one channel. `step` blocks for one attempt: call it from a thread of its own."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.trouble: str | None = None
        self.sent = 0
        self.dropped = 0
        self._waiting: deque[tuple[float, Notification]] = deque()
        self._wait = FIRST_WAIT
        self._next = 0.0
        self._failed_at = 0.0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, notification: Notification, now: float) -> None:
        """Queue a notification; the oldest one goes when there are too many."""
        if len(self._waiting) >= LIMIT:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append((now, notification))

    def step(self, now: float) -> bool:
        """One attempt if it is time for one; True if a notification left the queue."""
        if not self._waiting or self._failed_at <= now < self._next:
            return False
        item = self._waiting[0]
        _, notification = item
        try:
            answer = self.channel.send(notification)
        except PostError as error:
            return self._failed(str(error), now, item, None)
        if answer.worth_retrying:
            return self._failed(f"HTTP {answer.status}: {answer.text[:200]}", now, item, answer.retry_after)
        self._leave(item)
        self._wait, self._next = FIRST_WAIT, 0.0
        if answer.ok:
            self.sent += 1
            self.trouble = None
        else:
            self.dropped += 1
            self.trouble = f"{self.channel.name}: HTTP {answer.status}: {answer.text[:200]}"
        return True

    def _failed(
        self, trouble: str, now: float, item: tuple[float, Notification], asked: float | None
    ) -> bool:
        self.trouble = f"{self.channel.name}: {trouble}"
        self._failed_at, self._next = now, now + max(asked or 0.0, self._wait)
        self._wait = min(self._wait * 2, LONGEST_WAIT)
        if now - item[0] < GIVE_UP:
            return False
        self._leave(item)
        self.dropped += 1
        return True

    def _leave(self, item: tuple[float, Notification]) -> None:
        """Drop the item that was sent; `put` may have dropped it already."""
        if self._waiting and self._waiting[0] is item:
            self._waiting.popleft()

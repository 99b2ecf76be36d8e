"""Empties a queue to one address, in order, with patience: one attempt a step, and how long to wait before the next."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

from guestwire.monitor.post import Answer, PostError, post

if TYPE_CHECKING:
    from guestwire.monitor.export.queue import Item, Queue

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0

Post = Callable[[str, bytes, dict[str, str]], Answer]


class Sender:
    """Sends one body after the other. `trouble` is the last error while there is one, `refused` counts bodies
    that the other end will never take.
    """

    def __init__(self, queue: Queue, url: str, headers: dict[str, str], poster: Post = post) -> None:
        self.queue = queue
        self.url = url
        self.headers = headers
        self.trouble: str | None = None
        self.sent = 0
        self.refused = 0
        self._wait = FIRST_WAIT
        self._post = poster

    def step(self) -> float | None:
        """Try the oldest body; gives seconds to wait before the next step, or None when the queue is empty."""
        try:
            item = self.queue.first()
            return None if item is None else self._send(item)
        except sqlite3.Error as error:  # the disk: what was sent may be sent twice
            return self._later(str(error), None)

    def _send(self, item: Item) -> float:
        try:
            answer = self._post(self.url, item.body, self.headers)
        except PostError as error:
            return self._later(str(error), None)
        if answer.ok:
            self.sent += 1
            self.trouble = None
        elif answer.worth_retrying:
            return self._later(f"HTTP {answer.status}: {answer.text[:200]}", answer.retry_after)
        else:
            self.refused += 1
            self.trouble = f"HTTP {answer.status}: {answer.text[:200]}"
        self.queue.done(item)
        self._wait = FIRST_WAIT
        return 0.0

    def _later(self, trouble: str, asked: float | None) -> float:
        self.trouble = trouble
        wait, self._wait = self._wait, min(self._wait * 2, LONGEST_WAIT)
        return min(max(asked or 0.0, wait * random.uniform(0.8, 1.2)), 600.0)

"""Live events: one ring that every open page reads at its own pace.

An event is encoded once, whatever the number of pages. A page has a place in the ring instead of a queue: one that
reads too slowly falls off its end and is told to fetch everything anew, and one that comes back after a broken
connection goes on where it was.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from typing import NamedTuple

RING = 2048  # events that are kept
RING_BYTES = 16 << 20


class Event(NamedTuple):
    """`guest` is set for what concerns one guest's page only; `frame` is the event as it goes over the wire."""

    number: int
    topic: str
    guest: str
    frame: bytes


class Hub:
    """The ring. `clients` counts the pages that are open, `dropped` those that were too slow."""

    def __init__(self) -> None:
        self.boot = secrets.token_hex(4)
        self.clients = 0
        self.dropped = 0
        self.last = 0
        self.watched: dict[str, int] = {}
        self._ring: deque[Event] = deque()
        self._bytes = 0
        self._news = asyncio.Event()
        self.closed = False

    def publish(self, kind: str, data: bytes, *, topic: str, guest: str = "") -> None:
        """Put an event into the ring; `data` is JSON in one line."""
        self.last += 1
        frame = b"id: %s-%d\nevent: %s\ndata: %s\n\n" % (self.boot.encode(), self.last, kind.encode(), data)
        self._ring.append(Event(self.last, topic, guest, frame))
        self._bytes += len(frame)
        while len(self._ring) > RING or self._bytes > RING_BYTES:
            self._bytes -= len(self._ring.popleft().frame)
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def close(self) -> None:
        """End every page's stream."""
        self.closed = True
        self._wake()

    def place(self, last_id: str) -> int | None:
        """The place that a page had, by the id of its last event; None if what it missed is gone."""
        boot, _, digits = last_id.partition("-")
        if boot != self.boot or not (digits.isascii() and digits.isdigit() and len(digits) < 16):
            return None
        place = int(digits)
        return place if place <= self.last and self.reaches(place) else None

    def reaches(self, place: int) -> bool:
        """Whether everything after `place` is still in the ring."""
        return place >= self.last or (bool(self._ring) and self._ring[0].number <= place + 1)

    def after(self, place: int, topics: frozenset[str], guests: frozenset[str]) -> bytes:
        """The frames after `place` that a page wants."""
        frames = []
        for event in reversed(self._ring):
            if event.number <= place:
                break
            if event.guest in guests if event.guest else event.topic in topics:
                frames.append(event.frame)
        return b"".join(reversed(frames))

    async def news(self, place: int, patience: float) -> bool:
        """Wait until there is something after `place`; False when `patience` (seconds) is over."""
        if self.last > place or self.closed:
            return True
        try:
            async with asyncio.timeout(patience):
                await self._news.wait()
        except TimeoutError:
            return False
        return True

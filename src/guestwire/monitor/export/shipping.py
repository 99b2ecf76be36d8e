"""Pushes what is measured to other engines: gathered every few seconds, kept on disk until the other end has it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING

from guestwire.monitor.export import otlp
from guestwire.monitor.export.remote_write import Batch
from guestwire.monitor.samples import Kind

if TYPE_CHECKING:
    from guestwire.monitor.export.exposition import Exposition
    from guestwire.monitor.export.sender import Sender
    from guestwire.monitor.samples import Poll

EVERY = 5.0  # seconds that samples are gathered
LARGEST = 20_000  # samples of one request
IDLE = 1.0
OTLP_GUESTS = 50  # of one request

Guests = Callable[[], Iterable[tuple[str, str, otlp.Latest]]]


class RemoteWrite:
    """Prometheus' remote write: hand `take` every poll."""

    kind = "remote_write"

    def __init__(self, senders: list[Sender], every: float = EVERY) -> None:
        self.senders = senders
        self._every = every
        self._batch = Batch()

    def take(self, poll: Poll, name: str) -> None:
        """One poll. A large batch does not wait."""
        self._batch.add(poll, name)
        if len(self._batch) >= LARGEST:
            self._pack()

    def _pack(self) -> None:
        if len(self._batch):
            body = self._batch.take()
            for sender in self.senders:
                sender.queue.put(body)

    async def run(self) -> None:
        """Gather and send until cancelled; what is gathered then waits on disk."""
        try:
            await _ship(self.senders, self._gather)
        finally:
            self._pack()

    async def _gather(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            self._pack()

    def close(self) -> None:
        """Close the queues."""
        _close(self.senders)

    def add(self, exposition: Exposition) -> None:
        """How it goes."""
        _tell(exposition, self.kind, self.senders)


class Otlp:
    """OpenTelemetry over HTTP: asks `guests` every interval for what is new."""

    kind = "otlp"

    def __init__(self, senders: list[Sender], guests: Guests, every: float) -> None:
        self.senders = senders
        self._guests = guests
        self._every = every
        self._sent = {identity: _newest(latest) for identity, _, latest in guests()}

    async def run(self) -> None:
        """Gather and send until cancelled."""
        await _ship(self.senders, self._gather)

    async def _gather(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            await self.pack()

    async def pack(self) -> None:
        """Queue what was measured since the last time, some guests at a time."""
        guests = list(self._guests())
        for first in range(0, len(guests), OTLP_GUESTS):
            some = guests[first : first + OTLP_GUESTS]
            told = [(*guest, self._sent.get(guest[0], -1) + 1) for guest in some]
            self._sent.update((identity, _newest(latest)) for identity, _, latest in some)
            body = otlp.request(told)
            if body != otlp.NOTHING:
                for sender in self.senders:
                    sender.queue.put(body)
            await asyncio.sleep(0)

    def close(self) -> None:
        """Close the queues."""
        _close(self.senders)

    def add(self, exposition: Exposition) -> None:
        """How it goes."""
        _tell(exposition, self.kind, self.senders)


def _newest(latest: otlp.Latest) -> int:
    """When the guest was last heard, in ms."""
    return max((at for at, _ in latest.values()), default=-1)


async def _ship(senders: list[Sender], gather: Callable[[], Coroutine[None, None, None]]) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(gather())
        for sender in senders:
            tasks.create_task(_send(sender))


async def _send(sender: Sender) -> None:
    while True:
        wait = await asyncio.to_thread(sender.step)
        await asyncio.sleep(IDLE if wait is None else wait)


def _close(senders: list[Sender]) -> None:
    for sender in senders:
        with contextlib.suppress(Exception):
            sender.queue.close()


def _tell(exposition: Exposition, kind: str, senders: list[Sender]) -> None:
    for number, sender in enumerate(senders, 1):
        labels = (("endpoint", str(number)), ("kind", kind))  # the address may hold secrets
        queue = sender.queue
        for name, value, is_kind, text in (
            ("guestwire_export_queue_bytes", queue.bytes, Kind.GAUGE, "Bytes that wait to be sent."),
            ("guestwire_export_queue_requests", queue.count, Kind.GAUGE, "Requests that wait to be sent."),
            ("guestwire_export_sent_total", sender.sent, Kind.COUNTER, "Requests that were taken."),
            ("guestwire_export_refused_total", sender.refused, Kind.COUNTER, "Requests that were refused."),
            (
                "guestwire_export_dropped_total",
                queue.dropped,
                Kind.COUNTER,
                "Requests given up for want of room.",
            ),
            (
                "guestwire_export_trouble",
                sender.trouble is not None,
                Kind.GAUGE,
                "1 while the other end takes nothing.",
            ),
        ):
            exposition.add(name, labels, float(value), kind=is_kind, text=text)

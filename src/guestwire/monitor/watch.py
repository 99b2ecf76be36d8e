"""`Monitor`: polls go into the store, rules look at them, notifications go out, history is kept in order.

One task for each duty, all on one event loop. What touches the disk or the network runs in threads; what
computes for long is cut into steps.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from guestwire.monitor.notify.grouping import Grouper
from guestwire.monitor.rules import memory
from guestwire.monitor.rules.engine import Engine
from guestwire.monitor.store.compact import compact, due, forget, retain, settle, trim_log
from guestwire.monitor.store.reader import Reader
from guestwire.monitor.store.tiers import HOURS, MINUTES

if TYPE_CHECKING:
    from guestwire.monitor.export.exposition import Exposition
    from guestwire.monitor.notify.outbox import Outbox
    from guestwire.monitor.rules.load import Rule
    from guestwire.monitor.rules.silences import QuietHours
    from guestwire.monitor.samples import Poll
    from guestwire.monitor.store.registry import GuestEntry
    from guestwire.monitor.store.store import Store

_log = logging.getLogger(__name__)
FLUSH, RULES, NOTIFY, TIDY, RETAIN = 1.0, 1.0, 5.0, 1.0, 300.0
LOOK = 5000  # ms between two looks at which guests have rows for a block
_NOTE = "grouper"


class Companion(Protocol):
    """What runs as long as the monitor does, such as an exporter."""

    async def run(self) -> None:
        """Work until cancelled."""

    def close(self) -> None:
        """Give up what is held."""

    def add(self, exposition: Exposition) -> None:
        """Say on /metrics how it goes."""


class Monitor:
    """The duties of one store. `take` is what the poller emits to; `listeners` see every poll (remote write)."""

    def __init__(
        self,
        store: Store,
        rules: dict[str, Rule],
        *,
        outboxes: Sequence[Outbox] = (),
        quiet: Iterable[QuietHours] = (),
        grouper: Grouper | None = None,
        limit_bytes: int | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.store = store
        self.reader = Reader.of(store)
        self.engine = Engine(store, self.reader, rules)
        self.outboxes = outboxes
        self.listeners: list[Callable[[Poll, str], None]] = []
        self.companions: list[Companion] = []
        self._quiet = list(quiet)
        self._grouper = grouper or Grouper()
        self._limit_bytes = limit_bytes
        self._clock = clock
        self._noted = "[]"
        self._retained = 0.0
        self._forgetting = -1
        self._said: str | None = None  # of the disk
        self._due: deque[GuestEntry] = deque()
        self._looked = -LOOK
        text = store.noted(_NOTE)
        if text:
            self._grouper.load(json.loads(text))

    def take(self, poll: Poll, name: str) -> None:
        """One poll from the poller."""
        self.store.append(poll, name)
        for listener in self.listeners:
            listener(poll, name)

    async def run(self) -> None:
        """Do all duties until cancelled; then flush."""
        duties = (
            (FLUSH, self.flush),
            (RULES, self.judge),
            (NOTIFY, self.notify),
            (TIDY, self.tidy),
        )
        try:
            async with asyncio.TaskGroup() as tasks:
                for every, duty in duties:
                    tasks.create_task(self._again(every, duty))
                for outbox in self.outboxes:
                    tasks.create_task(self._empty(outbox))
                for companion in self.companions:
                    tasks.create_task(companion.run())
        finally:
            self.engine.saved(self.engine.changes.take())
            self.store.flush()

    async def _again(self, every: float, duty: Callable[[], object]) -> None:
        while True:
            await asyncio.sleep(every)
            result = duty()
            if asyncio.iscoroutine(result):
                await result

    async def flush(self) -> None:
        """Make durable what came in."""
        await asyncio.to_thread(self.store.flush)
        if self.store.trouble != self._said:
            self._said = self.store.trouble
            if self._said:
                _log.error("%s", self._said)
            else:
                _log.info("%s takes what is measured again", self.store.path)

    async def judge(self) -> None:
        """Evaluate the rules that are due, a few guests at a time."""
        for number, _ in enumerate(self.engine.steps(self._clock())):
            if number % 8 == 7:
                await asyncio.sleep(0)
        changes = self.engine.changes.take()
        if changes and not await asyncio.to_thread(self.engine.saved, changes):
            self.engine.changes.put_back(changes)

    def notify(self) -> None:
        """Queue the notifications that are due, and remember what was told."""
        now = self._clock()
        silences = memory.silences(self.reader, now)
        for notification in self._grouper.due(now, self.engine.alerts(), silences, self._quiet):
            for outbox in self.outboxes:
                outbox.put(notification, now)
        text = json.dumps(self._grouper.dump())
        if text != self._noted:
            self.store.note(_NOTE, text)
            self._noted = text

    async def tidy(self) -> None:
        """One step of housekeeping: a guest's rows into a block, or a finished period merged; retention at times."""
        now = round(self._clock() * 1000)
        if not self._due and not 0 <= now - self._looked < LOOK:
            self._due, self._looked = deque(due(self.store, now)), now
        try:
            while self._due:
                if await asyncio.to_thread(compact, self.store, self._due.popleft(), now):
                    await asyncio.to_thread(trim_log, self.store)
                    return  # one a turn: guests are spread by themselves
            if not await asyncio.to_thread(settle, self.store, MINUTES, now):
                await asyncio.to_thread(settle, self.store, HOURS, now)
            if not 0 <= now / 1000 - self._retained < RETAIN:
                self._retained = now / 1000
                await asyncio.to_thread(retain, self.store, now, self._limit_bytes)
                await asyncio.to_thread(self._forget)
        except sqlite3.Error:
            return  # a full disk: said in `trouble`, tried again

    def _forget(self) -> None:
        """Series of which nothing is left, of one guest a turn."""
        guests = list(self.store.registry.guests.values())
        if guests:
            self._forgetting = (self._forgetting + 1) % len(guests)
            forget(self.store, guests[self._forgetting])

    async def _empty(self, outbox: Outbox) -> None:
        while True:
            await asyncio.sleep(1.0)
            while await asyncio.to_thread(outbox.step, self._clock()):
                pass

    def close(self) -> None:
        """Close the reader and the store."""
        for companion in self.companions:
            companion.close()
        self.reader.close()
        self.store.close()

"""The polite poller: every guest on its own, one question at a time, and never a stampede.

Each guest has a watcher that ticks at the interval, from a start of its own so that guests are spread. A
tick finds the last poll still under way and says so (`silent`, `busy`), or begins one. A poll has a
deadline, never the round. While a guest is silent its deadline grows: one question waits longer instead of
many being thrown at it, so that a guest that comes back is heard at once.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from guestwire.errors import ConversationError, GuestwireError
from guestwire.monitor import hostside
from guestwire.monitor.ladder import Asker, Ladder
from guestwire.monitor.samples import Poll, Sample, Source, Unknown
from guestwire.monitor.targets import GuestState, Target

if TYPE_CHECKING:
    from guestwire.monitor.collectors.base import Section

LONGEST = 60.0  # seconds that a silent guest's question waits at most
Emit = Callable[[Poll, str], None]

_OF_STATE = {
    GuestState.PAUSED: Unknown.PAUSED,
    GuestState.MIGRATING: Unknown.MIGRATING,
    GuestState.OFF: Unknown.OFF,
}
_STANDING = frozenset({*_OF_STATE.values(), Unknown.NO_CHANNEL})  # states, not failures


@dataclass(slots=True)
class Counts:
    """What polling did and cost, for the exported self-metrics."""

    polls: int = 0
    failures: int = 0
    skipped: int = 0
    seconds: float = 0.0


class Watcher:
    """Watches one guest. `emit` gets every poll, also those that only say why there are no figures."""

    def __init__(
        self,
        target: Target,
        agent: Asker,
        sections: Sequence[Section],
        emit: Emit,
        *,
        interval: float = 10.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.target = target
        self.counts = Counts()
        self._agent = agent
        self._emit = emit
        self._interval = interval
        self._clock = clock
        self._ladder = Ladder(agent, sections, clock)
        self._deadline = interval * 0.8
        self._poll: asyncio.Task[None] | None = None
        self._reason: Unknown | None = None
        self._reasons: set[Unknown] = set()
        self._states: set[GuestState] = set()
        self._ever = False

    async def run(self) -> None:
        """Tick until cancelled."""
        await asyncio.sleep(random.uniform(0, self._interval))
        loop = asyncio.get_running_loop()
        due = loop.time()
        try:
            while True:
                self.tick()
                due = max(
                    due + self._interval, loop.time()
                )  # ticks missed in a suspended host are not made up for
                await asyncio.sleep(due - loop.time())
        finally:
            await self.stop()

    async def stop(self) -> None:
        """End a poll that is under way."""
        if self._poll is not None and not self._poll.done():
            self._poll.cancel()
            await asyncio.gather(self._poll, return_exceptions=True)

    def tick(self) -> None:
        """Begin a poll, or say why there is none."""
        reason = self._standing()
        if reason is not None:
            self._ladder.forget()
            self._tell(reason)
        elif self._poll is not None and not self._poll.done():
            self.counts.skipped += 1
            if self._reason is not None:
                self._tell(self._reason)
        else:
            self._poll = asyncio.ensure_future(self.poll())

    def _standing(self) -> Unknown | None:
        """Why nobody is asked: the guest does not run, or there is no way to its agent."""
        if not self.target.address and self.target.state is GuestState.RUNNING:
            return Unknown.NO_CHANNEL
        return _OF_STATE.get(self.target.state)

    async def poll(self) -> None:
        """One poll: figures, or the reason why there are none."""
        began, poll = time.monotonic(), Poll(self.target.identity, self._clock(), [])
        self.counts.polls += 1
        try:
            async with asyncio.timeout(self._deadline):
                await self._ladder.collect(poll)
        except TimeoutError:
            self._failed(Unknown.SILENT if self._ever else Unknown.NO_AGENT)
        except ConversationError as error:
            self._failed(self._why(error))
        except GuestwireError:
            self._failed(Unknown.FAILED)
        else:
            self._came(poll, time.monotonic() - began)
        finally:
            self.counts.seconds += time.monotonic() - began

    def _why(self, error: ConversationError) -> Unknown:
        if "busy" in error.reason:
            return Unknown.BUSY
        return Unknown.SILENT if self._ever else Unknown.NO_AGENT

    def _came(self, poll: Poll, took: float) -> None:
        self._reason, self._ever = None, True
        self._deadline = self._interval * 0.8
        frozen = Sample("guestwire_guest_frozen", (), float(self._ladder.frozen))
        took_sample = Sample("guestwire_guest_poll_seconds", (), round(took, 6))
        poll.samples += [Sample("guestwire_guest_up", (), 1.0), frozen, took_sample, *self._marks(None)]
        self._hand_on(poll)

    def _failed(self, reason: Unknown) -> None:
        self.counts.failures += 1
        self._reason = reason
        self._deadline = min(self._deadline * 2, max(LONGEST, self._interval))
        self._ladder.forget()
        self._tell(reason)

    def _tell(self, reason: Unknown) -> None:
        """A poll without figures: the reason, and that the guest is not up if it should be."""
        poll = Poll(self.target.identity, self._clock(), self._marks(reason))
        if reason not in _STANDING:
            poll.samples.append(Sample("guestwire_guest_up", (), 0.0))
        poll.unknown = dict.fromkeys(self._ladder.metrics, str(reason))
        self._hand_on(poll)

    def _marks(self, reason: Unknown | None) -> list[Sample]:
        """1 for the state and the reason that hold, 0 for those that held once: an alert needs to see the end."""
        self._states.add(self.target.state)
        marks = [
            Sample("guestwire_guest_state", (("state", str(state)),), float(state is self.target.state))
            for state in sorted(self._states)
        ]
        if reason is not None and reason not in _STANDING:
            self._reasons.add(reason)
        marks += [
            Sample("guestwire_guest_silent", (("reason", str(known)),), float(known is reason))
            for known in sorted(self._reasons)
        ]
        return marks

    def _hand_on(self, poll: Poll) -> None:
        """Emit a poll, with the host's view beside the guest's."""
        if self.target.pid is not None:
            poll.samples += hostside.figures(self.target.pid)
        if self.target.balloon is not None:
            poll.samples.append(Sample("guestwire_host_balloon_bytes", (), float(self.target.balloon)))
        for sample in poll.samples:
            if sample.name.startswith(("guestwire_guest_", "guestwire_host_")):
                poll.sources.setdefault(sample.name, str(Source.HOST))
        self._emit(poll, self.target.name)


class Poller:
    """All watchers. `connect` makes the client of a target; `close` is awaited when its guest is gone."""

    def __init__(
        self,
        connect: Callable[[Target], Asker],
        close: Callable[[Asker], Awaitable[None]],
        sections: Sequence[Section],
        emit: Emit,
        *,
        interval: float = 10.0,
    ) -> None:
        self._connect = connect
        self._close = close
        self._sections = sections
        self._emit = emit
        self._interval = interval
        self._watching: dict[str, tuple[Watcher, Asker, asyncio.Task[None]]] = {}

    @property
    def watchers(self) -> list[Watcher]:
        """One for each guest."""
        return [watcher for watcher, _, _ in self._watching.values()]

    def add(self, target: Target) -> None:
        """Watch a guest."""
        agent = self._connect(target)
        watcher = Watcher(target, agent, self._sections, self._emit, interval=self._interval)
        task = asyncio.ensure_future(watcher.run())
        self._watching[target.identity] = watcher, agent, task

    async def change(self, target: Target) -> None:
        """A guest has another name, state or address."""
        watcher, _, _ = self._watching[target.identity]
        if watcher.target.address != target.address:
            await self.remove(target.identity)
            self.add(target)
        else:
            back = target.state is GuestState.RUNNING is not watcher.target.state
            watcher.target = target
            if back:
                watcher.tick()  # it is heard at once

    async def remove(self, identity: str) -> None:
        """Watch a guest no longer."""
        _, agent, task = self._watching.pop(identity)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await self._close(agent)

    async def stop(self) -> None:
        """Watch nothing any more."""
        await asyncio.gather(*[self.remove(identity) for identity in list(self._watching)])

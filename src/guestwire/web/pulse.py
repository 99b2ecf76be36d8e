"""One guest's beat: rates between its last two polls, and half an hour of them, a point a minute, for sparklines.

Fed by every poll, so that no page has to ask history for what changes every few seconds.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from guestwire.web.about import About
from guestwire.web.shapes import Sparks

if TYPE_CHECKING:
    from collections.abc import Callable

    from guestwire.monitor.samples import Labels, Poll
    from guestwire.web.figures import Index
    from guestwire.web.shapes import Row

SPARK_POINTS = 30
SPARK_STEP = 60.0
_CPU = "node_cpu_seconds_total"
_RECEIVED = "node_network_receive_bytes_total"
_SENT = "node_network_transmit_bytes_total"
_COUNTERS = (_CPU, _RECEIVED, _SENT)
_MEMORY = ("node_memory_MemTotal_bytes", "node_memory_MemAvailable_bytes")
_IDLE = frozenset({("mode", "idle"), ("mode", "iowait")})
_LOOPBACK = ("device", "lo")
Counters = dict[str, dict["Labels", float]]
"""The counters of one poll by name and labels."""


def share(value: float) -> float:
    """A part of a whole as finely as a line of twenty pixels shows it."""
    return round(value, 2)


def amount(value: float) -> float:
    """A rate with three digits."""
    return float(f"{value:.3g}")


class Minutes:
    """The means of the last thirty minutes, made `short`; None for a minute in which nothing came."""

    def __init__(self, short: Callable[[float], float]) -> None:
        self._short = short
        self._minute: int | None = None
        self._sum = 0.0
        self._count = 0
        self._past: deque[float | None] = deque(maxlen=SPARK_POINTS)

    def add(self, at: float, value: float) -> None:
        """One figure."""
        self._move(int(at // SPARK_STEP))
        self._sum += value
        self._count += 1

    def _move(self, minute: int) -> None:
        if self._minute is None:
            self._minute = minute
        if minute > self._minute:
            self._past.append(self._mean())
            self._past.extend([None] * min(minute - self._minute - 1, SPARK_POINTS))
            self._minute, self._sum, self._count = minute, 0.0, 0

    def _mean(self) -> float | None:
        return self._short(self._sum / self._count) if self._count else None

    def remember(self, now: float, times: list[float], values: list[float | None]) -> None:
        """What was before the first figure came, from history; what came since is kept."""
        came = dict(zip(self._minutes(), self._past, strict=True))
        last = int(now // SPARK_STEP) if self._minute is None else self._minute
        came |= {
            int(at // SPARK_STEP): self._short(value)
            for at, value in zip(times, values, strict=True)
            if value is not None and came.get(int(at // SPARK_STEP)) is None
        }
        self._past = deque((came.get(last - back) for back in range(SPARK_POINTS, 0, -1)), SPARK_POINTS)
        self._minute = last

    def _minutes(self) -> list[int]:
        return [] if self._minute is None else [self._minute - back for back in range(len(self._past), 0, -1)]

    def points(self, now: float) -> list[float | None]:
        """Thirty points, the newest last."""
        self._move(int(now // SPARK_STEP))
        found = [*self._past, self._mean()][-SPARK_POINTS:]
        return [None] * (SPARK_POINTS - len(found)) + found


class Pulse:
    """What was learned from the polls of one guest."""

    def __init__(self) -> None:
        self.polled_at: float | None = None
        self.cpu: float | None = None
        self.received: float | None = None
        self.sent: float | None = None
        self.since: float | None = None
        self.reason: str | None = None
        self.row: tuple[tuple[object, ...], float, Row] | None = None  # what it was made from, when, the row
        self.index: Index | None = None
        self.about = About()
        self._before: tuple[float, Counters] | None = None
        self._sparks = Minutes(share), Minutes(share), Minutes(amount)

    def take(self, poll: Poll) -> None:
        """One poll."""
        self.polled_at = poll.at
        counters: Counters = {name: {} for name in _COUNTERS}
        memory: dict[str, float] = {}
        for name, labels, value in poll.samples:
            if name in counters:
                counters[name][labels] = value
            elif name in _MEMORY:
                memory[name] = value
        self.cpu = self.received = self.sent = None
        came = any(counters.values())
        if came and self._before is not None:
            self._rates(poll.at, counters, *self._before)
        self._before = (poll.at, counters) if came else None
        total, available = (memory.get(name) for name in _MEMORY)
        if total and available is not None:
            self._sparks[1].add(poll.at, 1 - available / total)

    def _rates(
        self,
        at: float,
        counters: Counters,
        before_at: float,
        before: Counters,
    ) -> None:
        passed = at - before_at
        if passed <= 0:
            return
        busy = total = 0.0
        known = before[_CPU]
        for labels, value in counters[_CPU].items():
            grown = max(0.0, value - known.get(labels, value))
            total += grown
            busy += grown if _IDLE.isdisjoint(labels) else 0.0
        if total > 0:
            self.cpu = busy / total
            self._sparks[0].add(at, self.cpu)
        received, sent = (_flow(counters[name], before[name]) for name in (_RECEIVED, _SENT))
        if received is not None or sent is not None:
            self.received, self.sent = (received or 0.0) / passed, (sent or 0.0) / passed
            self._sparks[2].add(at, self.received + self.sent)

    def remember(self, now: float, times: list[float], *columns: list[float | None]) -> None:
        """What history has of processors, memory and network before this process began."""
        for minutes, values in zip(self._sparks, columns, strict=True):
            minutes.remember(now, times, values)

    def sparks(self, now: float) -> Sparks:
        """The sparklines."""
        cpu, memory, network = self._sparks
        return Sparks(cpu.points(now), memory.points(now), network.points(now))


def _flow(now: dict[Labels, float], before: dict[Labels, float]) -> float | None:
    """What all interfaces but the loopback have carried since `before`; None if there is none."""
    flows = []
    for labels, value in now.items():
        if _LOOPBACK not in labels:
            known = before.get(labels, value)
            flows.append(value - known if value >= known else value)  # a counter that fell began anew
    return sum(flows) if flows else None

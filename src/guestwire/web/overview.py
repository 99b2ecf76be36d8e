"""The overview: one row a guest, made from the store's newest figures and kept until the next poll."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from msgspec.structs import replace

from guestwire.monitor.rules import memory
from guestwire.monitor.rules.state import State
from guestwire.web.about import METRICS, about
from guestwire.web.figures import Figures, Index, used_ratio
from guestwire.web.pulse import Pulse
from guestwire.web.shapes import Counts, Fullest, Row

if TYPE_CHECKING:
    from guestwire.monitor.rules.silences import Silence
    from guestwire.monitor.rules.state import Alert
    from guestwire.monitor.samples import Poll
    from guestwire.monitor.targets import Target
    from guestwire.web.site import Site

_UP, _FROZEN, _SILENT = (f"guestwire_guest_{name}" for name in ("up", "frozen", "silent"))
_USED = (
    frozenset((_UP, _FROZEN, _SILENT, "guestwire_guest_users"))
    | METRICS
    | frozenset(
        f"node_{name}"
        for name in (
            "boot_time_seconds",
            "cpu_seconds_total",
            "load1",
            "memory_MemTotal_bytes",
            "memory_MemAvailable_bytes",
            "memory_SwapTotal_bytes",
            "memory_SwapFree_bytes",
            "filesystem_size_bytes",
            "filesystem_free_bytes",
            "filesystem_avail_bytes",
            "filesystem_readonly",
        )
    )
)
_AGE = 5.0  # seconds after which a row is made anew though nothing came: uptimes grow, figures become too old
_STALE = 1.0  # seconds that the silences and the alerts by guest are good for


class Overview:
    """All rows. `take` hears every poll; `changed` are the guests whose rows are new since it was emptied."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pulses: dict[str, Pulse] = {}
        self._alerts: tuple[float, dict[str, list[Alert]], list[Silence]] = (0.0, {}, [])
        self.changed: set[str] = set()

    def take(self, poll: Poll, name: str) -> None:
        """One poll of one guest."""
        self.pulse(poll.guest).take(poll)
        self.changed.add(poll.guest)

    def pulse(self, identity: str) -> Pulse:
        """A guest's beat."""
        return self._pulses.setdefault(identity, Pulse())

    def keep(self, known: set[str]) -> set[str]:
        """Forget guests that are not watched any more; gives them."""
        gone = self._pulses.keys() - known
        for identity in gone:
            del self._pulses[identity]
        self.changed -= gone
        return gone

    def alerts(self, identity: str) -> list[Alert]:
        """The alerts of a guest."""
        return self._look()[1].get(identity, [])

    def silences(self) -> list[Silence]:
        """The silences that have not ended."""
        return self._look()[2]

    def _look(self) -> tuple[float, dict[str, list[Alert]], list[Silence]]:
        now = time.time()
        if not 0 <= now - self._alerts[0] < _STALE:
            monitor = self._site.monitor
            found: dict[str, list[Alert]] = {}
            for identity, alert in monitor.engine.owned():
                found.setdefault(identity, []).append(alert)
            silences = memory.silences(monitor.reader, now)
            self._alerts = now, found, silences
        return self._alerts

    def look_again(self) -> None:
        """Silences were changed: do not wait for the second to be over."""
        self._alerts = (0.0, {}, [])

    def rows(self, *, sparks: bool = True) -> list[Row]:
        """All guests' rows."""
        return [self.row(target, sparks=sparks) for target in self._site.targets()]

    def row(self, target: Target, *, sparks: bool = True) -> Row:
        """A guest's row now; made anew when something in it may be new, and as figures age."""
        now = time.time()
        pulse = self.pulse(target.identity)
        alerts = self._counted(target.identity, now)
        labels = getattr(target, "labels", None) or {}
        basis = pulse.polled_at, target.state, target.name, labels, alerts
        if pulse.row is None or pulse.row[0] != basis or not 0 <= now - pulse.row[1] < _AGE:
            pulse.row = basis, now, self._made(target, pulse, alerts, now)
        row = pulse.row[2]
        return replace(row, sparks=pulse.sparks(now)) if sparks else row

    def _made(self, target: Target, pulse: Pulse, alerts: tuple[Counts, int], now: float) -> Row:
        figures = self._figures(target.identity, pulse, now)
        row = Row(
            id=target.identity,
            name=target.name,
            source=getattr(target, "source", "") or "list",
            labels=dict(getattr(target, "labels", None) or {}),
            state=target.state.value,
            up=None,
            reason=None,
            since=None,
            alerts=alerts[0],
            silenced=alerts[1],
            polled_at=pulse.polled_at,
        )
        self._state(row, figures, pulse)
        pulse.about = about(figures, pulse.about)
        pulse.about.show(row)
        if row.up:
            _measured(row, figures, pulse, now)
        return row

    def _figures(self, identity: str, pulse: Pulse, now: float) -> Figures:
        """The newest figures."""
        store = self._site.monitor.store
        entry = store.registry.guests.get(identity)
        if entry is None:
            return Figures((), now)
        if pulse.index is None or pulse.index.size != len(entry.series):
            pulse.index = Index(entry.series, _USED)
        return Figures(pulse.index.figures(store.head.latest(entry.id)), now)

    def _state(self, row: Row, figures: Figures, pulse: Pulse) -> None:
        up = figures.value(_UP)
        if row.state != "running":
            row.reason = row.state
        elif up is not None:
            row.up = bool(up)
            frozen = figures.value(_FROZEN)
            row.frozen = bool(frozen) if frozen is not None and row.up else None
            if not row.up:
                row.reason = figures.held(_SILENT, "reason") or "silent"
            elif row.frozen:
                row.reason = "frozen"
        else:
            row.reason = "not-polled"
        if row.reason != pulse.reason or pulse.since is None:
            pulse.reason, pulse.since = row.reason, self._since(row, pulse)
        row.since = pulse.since

    def _since(self, row: Row, pulse: Pulse) -> float | None:
        """When this state began: the store knows for reasons that are older than this process."""
        entry = self._site.monitor.store.registry.guests.get(row.id)
        if pulse.since is None and entry is not None and row.reason is not None:
            told = self._site.monitor.store.provenance.of(entry.id).values()
            begun = [since for since, _, reason in list(told) if reason == row.reason]
            if begun:
                return max(begun) / 1000
        return pulse.polled_at

    def _counted(self, identity: str, now: float) -> tuple[Counts, int]:
        """The firing alerts of a guest by severity, and how many of them are silenced."""
        counts, silenced = Counts(), 0
        silences = self.silences()
        for alert in self.alerts(identity):
            if alert.state is State.FIRING:
                labels = alert.all_labels()
                setattr(counts, alert.severity, getattr(counts, alert.severity) + 1)
                silenced += any(silence.covers(labels, now) for silence in silences)
        return counts, silenced


def _measured(row: Row, figures: Figures, pulse: Pulse, now: float) -> None:
    """What is true of this moment only."""
    boot, users = figures.value("node_boot_time_seconds"), figures.value("guestwire_guest_users")
    row.uptime_seconds = max(0.0, now - boot) if boot else None
    row.users = None if users is None else int(users)
    row.cpus = len({labels.get("cpu") for labels, _ in figures.each("node_cpu_seconds_total")}) or None
    row.cpu_ratio = None if pulse.cpu is None else round(pulse.cpu, 4)
    row.load1 = figures.value("node_load1")
    row.memory_total_bytes = figures.value("node_memory_MemTotal_bytes")
    row.memory_used_bytes = _less(row.memory_total_bytes, figures.value("node_memory_MemAvailable_bytes"))
    row.swap_used_bytes = _less(
        figures.value("node_memory_SwapTotal_bytes"), figures.value("node_memory_SwapFree_bytes")
    )
    row.filesystem = fullest(figures)
    row.receive_bytes_per_second = None if pulse.received is None else round(pulse.received, 1)
    row.transmit_bytes_per_second = None if pulse.sent is None else round(pulse.sent, 1)


def _less(total: float | None, part: float | None) -> float | None:
    return None if total is None or part is None else total - part


def fullest(figures: Figures) -> Fullest | None:
    """The writable filesystem with the least left."""
    sizes = figures.by("node_filesystem_size_bytes", "mountpoint")
    free = figures.by("node_filesystem_free_bytes", "mountpoint")
    read_only = figures.by("node_filesystem_readonly", "mountpoint")
    worst: Fullest | None = None
    for mountpoint, available in figures.by("node_filesystem_avail_bytes", "mountpoint").items():
        size = sizes.get(mountpoint)
        used = used_ratio(size, free.get(mountpoint), available)
        if used is None or read_only.get(mountpoint):
            continue
        if worst is None or used > worst.used_ratio:
            worst = Fullest(mountpoint, used, size, available)
    return worst

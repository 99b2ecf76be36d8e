"""When people are told, and what together. Sans I/O: it is shown all alerts and says which notifications are due.

A new group waits a moment for company; a known group speaks again when it changed, at most every
`interval`, and repeats itself after `repeat` while something still fires. A silenced alert is as if it were
not there: it is told when the silence ends, if it still fires.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from guestwire.monitor.notify.message import Notification
from guestwire.monitor.rules.state import Alert, State

if TYPE_CHECKING:
    from guestwire.monitor.rules.silences import QuietHours, Silence

Group = tuple[tuple[str, str], ...]
Identity = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass(slots=True)
class Timing:
    """Seconds."""

    wait: float = 30.0
    interval: float = 300.0
    repeat: float = 4 * 3600.0


@dataclass(slots=True)
class _Seen:
    """What was told of a group, and when."""

    first: float
    told_at: float | None = None
    told: set[Identity] = field(default_factory=set)


class Grouper:
    """Groups by some labels. `load` and `dump` carry what was told over a restart."""

    def __init__(self, by: tuple[str, ...] = ("guest",), timing: Timing | None = None) -> None:
        self.by = by
        self.timing = timing or Timing()
        self._groups: dict[Group, _Seen] = {}

    def due(
        self,
        now: float,
        alerts: Iterable[Alert],
        silences: Iterable[Silence] = (),
        quiet: Iterable[QuietHours] = (),
    ) -> list[Notification]:
        """The notifications to send now."""
        silences, quiet = list(silences), list(quiet)
        firing: dict[Group, list[Alert]] = {}
        over: dict[Group, list[Alert]] = {}
        for alert in alerts:
            if alert.state is State.PENDING:
                continue
            labels = alert.all_labels()
            group = tuple((name, labels.get(name, "")) for name in self.by)
            if alert.state is State.RESOLVED:
                over.setdefault(group, []).append(alert)
            elif not hushed(alert, labels, now, silences, quiet):
                firing.setdefault(group, []).append(alert)
        found = []
        for group in sorted({*firing, *over, *self._groups}):
            notification = self._group(group, now, firing.get(group, []), over.get(group, []))
            if notification is not None:
                found.append(notification)
        return found

    def _group(self, group: Group, now: float, firing: list[Alert], over: list[Alert]) -> Notification | None:
        seen = self._groups.get(group)
        if seen is None:
            if not firing:
                return None
            seen = self._groups[group] = _Seen(now)
        current = {identity(alert) for alert in firing}
        resolved = [alert for alert in over if identity(alert) in seen.told]
        if not firing and not resolved:
            # nothing was told that is not over, or what was told is silenced now
            if not seen.told or now - (seen.told_at or now) > self.timing.repeat:
                del self._groups[group]
            return None
        if not self._may_speak(seen, now, changed=bool(current - seen.told) or bool(resolved)):
            return None
        seen.told_at = now
        seen.told = (seen.told | current) - {identity(alert) for alert in resolved}
        if not firing:
            del self._groups[group]
        return Notification(group, tuple(firing), tuple(resolved))

    def _may_speak(self, seen: _Seen, now: float, *, changed: bool) -> bool:
        seen.first = min(seen.first, now)  # clocks are set back
        seen.told_at = None if seen.told_at is None else min(seen.told_at, now)
        if seen.told_at is None:
            return now - seen.first >= self.timing.wait
        return now - seen.told_at >= (self.timing.interval if changed else self.timing.repeat)

    def dump(self) -> list[list[object]]:
        """What was told, as JSON values."""
        return [
            [
                list(group),
                seen.first,
                seen.told_at,
                sorted([[r, g, list(labels)] for r, g, labels in seen.told]),
            ]
            for group, seen in self._groups.items()
        ]

    def load(self, data: list[list[object]]) -> None:
        """Take back what `dump` gave; anything that is not that is left out."""
        for row in data:
            try:
                group, first, told_at, told = row
                key = _pairs(group)
                seen = _Seen(float(first), None if told_at is None else float(told_at))  # type: ignore[arg-type]
                seen.told = {(str(r), str(g), _pairs(labels)) for r, g, labels in told}  # type: ignore[attr-defined]
            except (TypeError, ValueError):
                continue
            if tuple(name for name, _ in key) == self.by:
                self._groups[key] = seen


def _pairs(value: object) -> Group:
    return tuple((str(name), str(text)) for name, text in value)  # type: ignore[attr-defined]


def identity(alert: Alert) -> Identity:
    """What makes an alert the same alert tomorrow."""
    return alert.rule, alert.guest, alert.labels


def hushed(
    alert: Alert, labels: dict[str, str], now: float, silences: list[Silence], quiet: list[QuietHours]
) -> bool:
    """Whether a silence or the quiet hours keep this alert from being told."""
    return any(silence.covers(labels, now) for silence in silences) or any(
        hours.covers(alert.severity, now) for hours in quiet
    )

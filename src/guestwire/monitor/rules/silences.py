"""What keeps a firing alert quiet: silences that somebody set, and quiet hours."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from guestwire.errors import ConfigError
from guestwire.monitor.rules.load import SEVERITIES

if TYPE_CHECKING:
    from guestwire.monitor.rules.nodes import Matcher

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Silence:
    """No notification for alerts whose labels fit all matchers, from `starts` to `ends` (seconds)."""

    id: int
    matchers: tuple[Matcher, ...]
    starts: float
    ends: float
    author: str
    comment: str

    def covers(self, labels: Mapping[str, str], now: float) -> bool:
        """Whether it keeps an alert with these labels quiet now."""
        fits = all(matcher.matches(labels.get(matcher.label, "")) for matcher in self.matchers)
        return fits and self.starts <= now < self.ends


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A daily stretch of local time in which only alerts of at least `severity` are notified.

    `begin` and `end` are minutes of the day; a stretch over midnight belongs to the day it begins on.
    """

    begin: int
    end: int
    days: frozenset[int] = frozenset(range(7))
    severity: str = "critical"

    def covers(self, severity: str, now: float, zone: datetime.tzinfo | None = None) -> bool:
        """Whether an alert of `severity` stays quiet now."""
        if SEVERITIES.index(severity) >= SEVERITIES.index(self.severity):
            return False
        local = datetime.datetime.fromtimestamp(now, zone)
        minute, day = local.hour * 60 + local.minute, local.weekday()
        if self.begin <= self.end:
            return day in self.days and self.begin <= minute < self.end
        return (day in self.days and minute >= self.begin) or (
            (day - 1) % 7 in self.days and minute < self.end
        )


def parse_quiet_hours(text: str, severity: str = "critical") -> QuietHours:
    """`22:00-07:00` or `sat,sun 00:00-24:00`. Raises ConfigError."""
    days, _, span = text.strip().rpartition(" ")
    begin, dash, end = span.partition("-")
    try:
        chosen = (
            frozenset(DAYS.index(day.strip()) for day in days.split(",")) if days else frozenset(range(7))
        )
        hours = QuietHours(_minute(begin), _minute(end), chosen, severity)
    except ValueError:
        hours = None
    if hours is None or not dash or severity not in SEVERITIES:
        raise ConfigError(f"{text!r} are no quiet hours; write 22:00-07:00 or sat,sun 00:00-24:00")
    return hours


def _minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    total = int(hour) * 60 + int(minute)
    if not 0 <= total <= 1440 or not 0 <= int(minute) < 60:
        raise ValueError(text)
    return total

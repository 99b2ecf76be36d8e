"""Figures as text that Prometheus scrapes: the classic format, and OpenMetrics where it is asked for.

Samples of one metric stand together under its type and help, whatever guests they come from. Values carry
no time: the scraper's own clock rules, and a guest that falls silent goes stale in the scraper as a dead
exporter would.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from guestwire.monitor.catalogue import help_of, kind_of
from guestwire.monitor.samples import Kind, Labels

CLASSIC = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
FRESH = 300_000  # ms that a value is still given

Latest = Mapping[tuple[str, Labels], tuple[int, float]]


def wants_openmetrics(accept: str) -> bool:
    """Whether a scraper's Accept header asks for OpenMetrics."""
    return "application/openmetrics-text" in accept


class Exposition:
    """Samples gathered by metric, and their text."""

    def __init__(self, *, openmetrics: bool = False) -> None:
        self._openmetrics = openmetrics
        self._families: dict[str, list[str]] = {}
        self._told: dict[str, tuple[Kind, str]] = {}

    def add(
        self, name: str, labels: Labels, value: float, *, kind: Kind | None = None, text: str = ""
    ) -> None:
        """One sample; `kind` and `text` for metrics that are not in the catalogue."""
        if kind is not None:
            self._told[name] = kind, text
        self._families.setdefault(name, []).append(f"{spell(name, labels)} {number(value)}\n")

    def add_guest(self, latest: Latest, now: int, *, guest: str | None = None) -> None:
        """All fresh figures of a guest (as `Store.latest` gives them), with a `guest` label if it is named."""
        families = self._families
        extra = f'guest="{escape(guest)}"' if guest is not None else ""
        oldest = now - FRESH
        for key, (at, value) in latest.items():
            if at < oldest:
                continue
            name = key[0]
            lines = families.get(name)
            if lines is None:
                lines = families[name] = []
            whole = int(value) if -1e15 < value < 1e15 else 0
            lines.append(f"{_prefix(key, extra)} {whole if whole == value else repr(value)}\n")

    def text(self) -> str:
        """The whole exposition."""
        parts = []
        for name, lines in sorted(self._families.items()):
            kind, text = self._told.get(name) or (kind_of(name), help_of(name))
            family, shown = name, str(kind)
            if kind is Kind.COUNTER and not name.endswith("_total"):
                shown = "unknown" if self._openmetrics else "untyped"  # as node_exporter has /proc/vmstat
            elif kind is Kind.COUNTER and self._openmetrics:
                family = name.removesuffix("_total")
            text = text.replace("\\", "\\\\").replace("\n", "\\n")
            parts.append(f"# HELP {family} {text}\n# TYPE {family} {shown}\n")
            parts.extend(lines)
        if self._openmetrics:
            parts.append("# EOF\n")
        return "".join(parts)


_known: dict[tuple[tuple[str, Labels], str], str] = {}
_KNOWN_LIMIT = 200_000


def _prefix(key: tuple[str, Labels], extra: str) -> str:
    """Name and labels as text; remembered, since every scrape asks for the same ones."""
    text = _known.get((key, extra))
    if text is None:
        if len(_known) >= _KNOWN_LIMIT:
            _known.clear()
        text = _known[key, extra] = spell(*key, extra)
    return text


def spell(name: str, labels: Labels, extra: str = "") -> str:
    """`name{label="value"}`."""
    pairs = [f'{key}="{escape(value)}"' for key, value in labels]
    if extra:
        pairs.insert(0, extra)
    return f"{name}{{{','.join(pairs)}}}" if pairs else name


def escape(value: str) -> str:
    """A label's value between quotes."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def number(value: float) -> str:
    """A value as Prometheus reads it."""
    if not math.isfinite(value):
        return {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}[str(value)]
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def guests_text(guests: Iterable[tuple[str, Latest]], now: int, exposition: Exposition) -> str:
    """`/metrics`: the figures of many guests, by name, after what the exposition already holds."""
    for name, latest in guests:
        exposition.add_guest(latest, now, guest=name)
    return exposition.text()

"""Figures as text that Prometheus scrapes: the classic format, and OpenMetrics where it is asked for.

Samples of one metric stand together under its type and help, whatever guests they come from. Values carry
no time: the scraper's own clock rules, and a guest that falls silent goes stale in the scraper as a dead
exporter would.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from guestwire.monitor.catalogue import help_of, kind_of
from guestwire.monitor.samples import Kind, Labels

CLASSIC = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
FRESH = 300_000  # ms that a value is still given

PIECE = 64 << 10
Lines = dict[str, str]
"""Whole lines by metric."""
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
        self.add_lines(lines_of(latest, now, guest=guest)[0])

    def add_lines(self, lines: Lines) -> None:
        """Lines that are there already."""
        families = self._families
        for name, text in lines.items():
            several = families.get(name)
            if several is None:
                families[name] = [text]
            else:
                several.append(text)

    def text(self) -> str:
        """The whole exposition."""
        return "".join(self._parts())

    def pieces(self) -> Iterator[bytes]:
        """The whole exposition in pieces of about `PIECE` characters."""
        waiting: list[str] = []
        size = 0
        for part in self._parts():
            waiting.append(part)
            size += len(part)
            if size >= PIECE:
                yield "".join(waiting).encode("utf-8", "replace")
                waiting, size = [], 0
        yield "".join(waiting).encode("utf-8", "replace")

    def _parts(self) -> Iterator[str]:
        for name, lines in sorted(self._families.items()):
            kind, text = self._told.get(name) or (kind_of(name), help_of(name))
            family, shown = name, str(kind)
            if kind is Kind.COUNTER and not name.endswith("_total"):
                shown = "unknown" if self._openmetrics else "untyped"  # as node_exporter has /proc/vmstat
            elif kind is Kind.COUNTER and self._openmetrics:
                family = name.removesuffix("_total")
            text = text.replace("\\", "\\\\").replace("\n", "\\n")
            yield f"# HELP {family} {text}\n# TYPE {family} {shown}\n"
            yield from lines
        if self._openmetrics:
            yield "# EOF\n"


def lines_of(latest: Latest, now: int, *, guest: str | None = None) -> tuple[Lines, int]:
    """The fresh figures of a guest as text by metric, and until when (ms) they are all fresh."""
    gathered: dict[str, list[str]] = {}
    extra = f'guest="{escape(guest)}"' if guest is not None else ""
    between = extra + "," if extra else ""
    oldest = first = now - FRESH
    for key, (at, value) in latest.items():
        if at < oldest:
            continue
        if at < first or first == oldest:
            first = at
        name, labels = key
        lines = gathered.get(name)
        if lines is None:
            lines = gathered[name] = []
        whole = int(value) if -1e15 < value < 1e15 else 0
        shown = whole if whole == value else repr(value)
        if labels:
            lines.append(f"{name}{{{between}{_pairs(labels)}}} {shown}\n")
        else:
            lines.append(f"{name}{{{extra}}} {shown}\n" if extra else f"{name} {shown}\n")
    return {name: "".join(lines) for name, lines in gathered.items()}, first + FRESH


_known: dict[Labels, str] = {}
_KNOWN_LIMIT = 10_000


def _pairs(labels: Labels) -> str:
    """Labels as text; remembered, since guests have much the same ones and every scrape asks for them."""
    text = _known.get(labels)
    if text is None:
        if len(_known) >= _KNOWN_LIMIT:
            _known.clear()
        text = _known[labels] = ",".join([f'{key}="{escape(value)}"' for key, value in labels])
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

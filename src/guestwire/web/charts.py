"""Which charts a guest's page has, as data, and how their lines come from the store's series.

A line is a sum of metrics, minus others, over yet others, for each value of a label or of all series together.
The same table serves history (columns of a grid) and the live tick (one value each).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from guestwire.monitor.samples import Labels

Values = Sequence[float | None]
Columns = Mapping[str, Sequence[tuple[Labels, Values]]]
"""The series of each metric with their values on one grid."""


@dataclass(frozen=True, slots=True)
class Line:
    """`name` may have `{}` for the label's value. `mean`: of the series of a group, not their sum."""

    name: str
    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    over_minus: tuple[str, ...] = ()
    by: str = ""
    without: frozenset[str] = frozenset()  # values of `by` that are left out
    mean: bool = False
    rest: bool = False  # 1 minus the result

    def metrics(self) -> tuple[str, ...]:
        """All that it is made of."""
        return (*self.plus, *self.minus, *self.over, *self.over_minus)


@dataclass(frozen=True, slots=True)
class Chart:
    """`unit` is ratio, bytes, bytes_per_second, per_second, seconds or count."""

    name: str
    title: str
    unit: str
    lines: tuple[Line, ...]
    stacked: bool = False
    metrics: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        used = {name for line in self.lines for name in line.metrics()}
        object.__setattr__(self, "metrics", frozenset(used))


def _memory(kind: str) -> str:
    return f"node_memory_{kind}_bytes"


_FREE = tuple(map(_memory, ("MemFree", "Buffers", "Cached", "SReclaimable")))
_DISK, _NET, _FS, _PSI = "node_disk_", "node_network_", "node_filesystem_", "node_pressure_"
_LO = frozenset({"lo"})
# Agents before QEMU 8.2 tell one free figure only, the one for normal users.
_STANDS_IN = {f"{_FS}free_bytes": f"{_FS}avail_bytes"}


def _two(prefix: str, first: str, second: str, words: tuple[str, str]) -> tuple[Line, ...]:
    return tuple(
        Line(f"{{}} {word}", (f"{prefix}{name}_total",), by="device", without=_LO)
        for name, word in zip((first, second), words, strict=True)
    )


CHARTS = {
    chart.name: chart
    for chart in (
        Chart(
            "cpu",
            "CPU",
            "ratio",
            (Line("{}", ("node_cpu_seconds_total",), by="mode", without=frozenset({"idle"}), mean=True),),
            stacked=True,
        ),
        Chart("load", "Load", "count", tuple(Line(f"{n} min", (f"node_load{n}",)) for n in (1, 5, 15))),
        Chart(
            "memory",
            "Memory",
            "bytes",
            (
                Line("used", (_memory("MemTotal"),), _FREE),
                Line("buffers", (_memory("Buffers"),)),
                Line("cached", (_memory("Cached"), _memory("SReclaimable"))),
                Line("free", (_memory("MemFree"),)),
            ),
            stacked=True,
        ),
        Chart("swap", "Swap", "bytes", (Line("used", (_memory("SwapTotal"),), (_memory("SwapFree"),)),)),
        Chart(
            "pressure",
            "Pressure",
            "ratio",
            (
                Line("CPU waiting", (f"{_PSI}cpu_waiting_seconds_total",)),
                Line("I/O waiting", (f"{_PSI}io_waiting_seconds_total",)),
                Line("I/O stalled", (f"{_PSI}io_stalled_seconds_total",)),
                Line("memory waiting", (f"{_PSI}memory_waiting_seconds_total",)),
                Line("memory stalled", (f"{_PSI}memory_stalled_seconds_total",)),
            ),
        ),
        Chart(
            "filesystems",
            "Filesystems",
            "ratio",
            (
                Line(  # as df has it: of what normal users can have
                    "{}",
                    (f"{_FS}size_bytes",),
                    (f"{_FS}free_bytes",),
                    (f"{_FS}size_bytes", f"{_FS}avail_bytes"),
                    (f"{_FS}free_bytes",),
                    by="mountpoint",
                ),
            ),
        ),
        Chart(
            "inodes",
            "Inodes",
            "ratio",
            (Line("{}", (f"{_FS}files_free",), over=(f"{_FS}files",), by="mountpoint", rest=True),),
        ),
        Chart(
            "disk_bytes",
            "Disk throughput",
            "bytes_per_second",
            _two(_DISK, "read_bytes", "written_bytes", ("read", "write")),
        ),
        Chart(
            "disk_ops",
            "Disk requests",
            "per_second",
            _two(_DISK, "reads_completed", "writes_completed", ("read", "write")),
        ),
        Chart(
            "disk_busy", "Disk busy", "ratio", (Line("{}", (f"{_DISK}io_time_seconds_total",), by="device"),)
        ),
        Chart(
            "network",
            "Network",
            "bytes_per_second",
            _two(_NET, "receive_bytes", "transmit_bytes", ("receive", "transmit")),
        ),
        Chart(
            "network_errors",
            "Network errors",
            "per_second",
            _two(_NET, "receive_errs", "transmit_errs", ("receive", "transmit")),
        ),
        Chart("round_trip", "Poll", "seconds", (Line("poll", ("guestwire_guest_poll_seconds",)),)),
        Chart(
            "clock", "Clock offset", "seconds", (Line("offset", ("guestwire_guest_clock_offset_seconds",)),)
        ),
        Chart("processes", "Processes", "count", (Line("processes", ("guestwire_guest_processes",)),)),
        Chart("host_cpu", "CPU on the host", "count", (Line("QEMU", ("guestwire_host_cpu_seconds_total",)),)),
        Chart(
            "host_memory",
            "Memory on the host",
            "bytes",
            (
                Line("resident", ("guestwire_host_resident_bytes",)),
                Line("balloon", ("guestwire_host_balloon_bytes",)),
            ),
        ),
    )
}


def lines_of(chart: Chart, columns: Columns, length: int) -> list[tuple[str, list[float | None]]]:
    """The lines of a chart that have anything, by name, each `length` values."""
    found = []
    for line in chart.lines:
        groups = {key for labels, _ in _all(line.plus, columns) if (key := _key(line, labels)) is not None}
        for key in sorted(groups):
            values = _line(line, key, columns, length)
            if values is not None:
                found.append((line.name.replace("{}", key), values))
    return found


def _all(metrics: tuple[str, ...], columns: Columns) -> list[tuple[Labels, Values]]:
    return [one for metric in metrics for one in columns.get(metric, ())]


def _key(line: Line, labels: Labels) -> str | None:
    if not line.by:
        return ""
    value = dict(labels).get(line.by, "")
    return None if value in line.without else value


def _line(line: Line, key: str, columns: Columns, length: int) -> list[float | None] | None:
    def gathered(metrics: tuple[str, ...]) -> list[Values]:
        found = [values for labels, values in _all(metrics, columns) if _key(line, labels) == key]
        return found or [
            values
            for labels, values in _all(tuple(_STANDS_IN.get(name, "") for name in metrics), columns)
            if _key(line, labels) == key
        ]

    if not columns.get(line.plus[0]):
        return None
    plus = gathered(line.plus)
    result = _fold(sum, plus, length)
    if line.mean:
        result = [None if value is None else value / len(plus) for value in result]
    if line.minus:
        result = _join(result, _fold(sum, gathered(line.minus), length), lambda a, b: max(0.0, a - b))
    if line.over:
        over = _fold(sum, gathered(line.over), length)
        if line.over_minus:
            over = _join(over, _fold(sum, gathered(line.over_minus), length), lambda a, b: max(0.0, a - b))
        result = _join(result, over, lambda a, b: a / b if b else None)
    if line.rest:
        result = [None if value is None else 1 - value for value in result]
    return result


def _fold(how: Callable[[list[float]], float], several: list[Values], length: int) -> list[float | None]:
    """Several columns as one; None where any has none."""
    if not several:
        return [0.0] * length
    if len(several) == 1:
        return list(several[0])
    return [
        None if None in row else how([value for value in row if value is not None])
        for row in zip(*several, strict=True)
    ]


def _join(
    left: list[float | None], right: list[float | None], how: Callable[[float, float], float | None]
) -> list[float | None]:
    return [None if a is None or b is None else how(a, b) for a, b in zip(left, right, strict=True)]

"""What stands in the table's cells: figures short enough for a terminal, a guest's strings made harmless."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.text import Text

from guestwire.cli.clean import clean
from guestwire.cli.output import UNKNOWN, human_seconds

if TYPE_CHECKING:
    from guestwire.web.shapes import Row

BARS = " ▁▂▃▄▅▆▇█"
WIDE = 120
"""Columns of a terminal from which on the table has all of its own."""


class Column(NamedTuple):
    """A column: `value` is what is sorted by (None, unknown, always stands last), `cell` what is shown."""

    key: str
    title: str
    width: int
    value: Callable[[Row], Any]
    cell: Callable[[Row], Text]


def spark(values: Sequence[float | None], width: int, most: float | None = None) -> str:
    """The last `width` values as bars, of `most` or of the largest; a gap is a gap."""
    shown = list(values)[-width:]
    known = [value for value in shown if value is not None]
    top = most or max(known, default=0) or 1
    bars = (" " if value is None else BARS[1 + min(7, int(max(0, value) / top * 7.999))] for value in shown)
    return "".join(bars).rjust(width)


def short_bytes(count: float | None) -> str:
    """Bytes in four characters and a letter: `1.5G`."""
    if count is None:
        return UNKNOWN
    for unit in ("", "K", "M", "G", "T", "P"):
        if abs(count) < 999.5 or unit == "P":
            break
        count /= 1024
    return f"{count:.0f}{unit}" if not unit or count >= 9.95 else f"{count:.1f}{unit}"


def share(part: float | None) -> str:
    """A share of 1, in per cent."""
    return UNKNOWN if part is None else f"{part * 100:.0f}%"


def tint(part: float | None, warning: float = 0.8, critical: float = 0.95) -> str:
    """The style of a share: how near it is to full."""
    if part is None:
        return "dim"
    return "bold red" if part >= critical else "yellow" if part >= warning else ""


def state_of(row: Row) -> str:
    """The state in a word: why a guest is not as it should be, else that it is up."""
    if row.frozen:
        return "frozen"
    if row.state != "running":
        return row.state
    return "up" if row.up else clean(row.reason or "unknown")


def memory_ratio(row: Row) -> float | None:
    """Used of all memory."""
    if row.memory_total_bytes and row.memory_used_bytes is not None:
        return row.memory_used_bytes / row.memory_total_bytes
    return None


def traffic(row: Row) -> float | None:
    """Bytes a second, both ways."""
    if row.receive_bytes_per_second is None and row.transmit_bytes_per_second is None:
        return None
    return (row.receive_bytes_per_second or 0) + (row.transmit_bytes_per_second or 0)


def alerts_of(row: Row) -> tuple[int, int, int]:
    """Firing alerts, the worst first."""
    return row.alerts.critical, row.alerts.warning, row.alerts.info


def _state(row: Row) -> Text:
    word = state_of(row)
    style = "green" if word == "up" else "dim" if word in ("off", "paused") else "bold yellow"
    return Text(word, style)


def _cpu(row: Row) -> Text:
    bars = spark(row.sparks.cpu, 8, 1.0) if row.sparks else " " * 8
    return Text.assemble((bars, "cyan"), (share(row.cpu_ratio).rjust(5), tint(row.cpu_ratio)))


def _memory(row: Row) -> Text:
    ratio = memory_ratio(row)
    return Text(share(ratio).rjust(5), tint(ratio, 0.85))


def _fullest(row: Row) -> Text:
    if row.filesystem is None:
        return Text(f"{UNKNOWN:>4}", "dim")
    ratio = row.filesystem.used_ratio
    return Text.assemble((share(ratio).rjust(4), tint(ratio)), " ", clean(row.filesystem.mountpoint))


def _network(row: Row) -> Text:
    rate = traffic(row)
    return Text(f"{short_bytes(rate)}/s" if rate is not None else UNKNOWN, "" if rate else "dim")


def _alerts(row: Row) -> Text:
    critical, warning, info = alerts_of(row)
    parts = [(str(critical), "bold red")] * bool(critical) + [(str(warning), "yellow")] * bool(warning)
    parts += [(str(info), "cyan")] * bool(info)
    text = Text()
    for number, (count, style) in enumerate(parts):
        text.append(" " * bool(number)).append(count, style)
    return text


def _plain(value: Callable[[Row], str | None]) -> Callable[[Row], Text]:
    return lambda row: Text(clean(value(row) or UNKNOWN))


def _uptime(row: Row) -> str | None:
    return None if row.uptime_seconds is None else human_seconds(row.uptime_seconds)


def _first_address(row: Row) -> str | None:
    return row.addresses[0] if row.addresses else None


def _load(row: Row) -> str | None:
    return None if row.load1 is None else f"{row.load1:.2f}"


NARROW_COLUMNS = (
    Column("name", "GUEST", 18, lambda row: row.name, _plain(lambda row: row.name)),
    Column("state", "STATE", 10, state_of, _state),
    Column("cpu", "CPU", 14, lambda row: row.cpu_ratio, _cpu),
    Column("memory", "  MEM", 6, memory_ratio, _memory),
    Column("filesystem", "FULLEST", 16, lambda row: row.filesystem and row.filesystem.used_ratio, _fullest),
    Column("network", "NETWORK", 9, traffic, _network),
    Column("alerts", "ALERT", 6, alerts_of, _alerts),
)
WIDE_COLUMNS = (
    *NARROW_COLUMNS,
    Column("load", "LOAD", 7, lambda row: row.load1, _plain(_load)),
    Column("uptime", "UP", 9, lambda row: row.uptime_seconds, _plain(_uptime)),
    Column("address", "ADDRESS", 17, _first_address, _plain(_first_address)),
    Column("os", "SYSTEM", 30, lambda row: row.os, _plain(lambda row: row.os)),
    Column("agent", "AGENT", 10, lambda row: row.agent, _plain(lambda row: row.agent)),
)


def columns_for(width: int) -> tuple[Column, ...]:
    """The columns that a terminal of that width has room for."""
    return WIDE_COLUMNS if width >= WIDE else NARROW_COLUMNS


def arranged(rows: Sequence[Row], column: Column, descending: bool, words: str) -> list[Row]:
    """The rows that `words` let through, sorted; those without a value stand last either way."""
    wanted = words.casefold().split()
    fitting = [row for row in rows if all(word in _searched(row) for word in wanted)]
    fitting.sort(key=lambda row: row.name)
    known = [row for row in fitting if column.value(row) is not None]
    known.sort(key=column.value, reverse=descending)
    return known + [row for row in fitting if column.value(row) is None]


def _searched(row: Row) -> str:
    labels = (f"{key}={value}" for key, value in row.labels.items())
    return " ".join((row.name, state_of(row), row.os or "", *row.addresses, *labels)).casefold()

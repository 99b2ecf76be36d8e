"""`guestwire history`: what the daemon has recorded of a guest."""

from __future__ import annotations

import csv
import math
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from guestwire.cli import output, records
from guestwire.cli.output import Column, Document, Table
from guestwire.errors import ConfigError

if TYPE_CHECKING:
    from array import array

    from guestwire.monitor.rules.nodes import Selector
    from guestwire.monitor.samples import Kind
    from guestwire.monitor.store.reader import Buckets, Reader, SeriesInfo

POINTS = 60
"""Buckets of a table, and letters of a sparkline, unless --step says otherwise."""

_BARS = "▁▂▃▄▅▆▇█"
_COLUMNS = ("low", "high", "average", "last")


class Past(NamedTuple):
    """One series and its history."""

    series: str
    kind: Kind
    buckets: Buckets


@click.command
@click.argument("guest")
@click.argument("series", required=False)
@records.since("1h")
@click.option(
    "--step", type=records.Duration(), metavar="DURATION", help="Width of a bucket (default: a 60th)."
)
@click.option("--json", "form", flag_value="json", help="Print JSON.")
@click.option("--jsonl", "form", flag_value="jsonl", help="Print one line of JSON for each series.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV.")
@click.option("--sparkline", "form", flag_value="sparkline", help="Print one line of bars for each series.")
@records.config
@records.data_dir
def command(
    *,
    guest: str,
    series: str | None,
    since: float,
    step: float | None,
    form: str | None,
    config: Path | None,
    data_dir: Path | None,
) -> None:
    """Show the history of a guest's SERIES: a metric's name, or name{label="value"} with = != =~ !~.

    Counters are shown as what they grew by a second. Without SERIES, those that there are. Times in JSON and CSV are
    seconds since the epoch. The history is read from the daemon's folder, whether the daemon runs or not.
    """
    reader = records.opened(records.configured(config, data_dir))
    try:
        number, name = records.one_guest(reader, guest)
        if series is None:
            names(reader, number, name, form)
            return
        found = matching(reader, number, name, series)
        end = time.time()
        width = max(step or since / POINTS, 0.001)
        span = round((end - since) * 1000), round(end * 1000), round(width * 1000)
        past = [Past(spelled(info), info.kind, reader.buckets(info, *span)) for info in found]
    finally:
        reader.close()
    _FORMS[form](past)


def names(reader: Reader, number: int, guest: str, form: str | None) -> None:
    """The series that there are."""
    listed = sorted((spelled(info), str(info.kind)) for info in reader.series(number))
    if form in ("json", "jsonl"):
        plain = [{"series": series, "kind": kind} for series, kind in listed]
        output.print_list(plain, lines=form == "jsonl")
    else:
        output.draw(Table(["series", "kind"], listed, empty=f"nothing was recorded of {guest}"))


def matching(reader: Reader, number: int, guest: str, text: str) -> list[SeriesInfo]:
    """The series that a selector means. Raises `ConfigError` when there is none."""
    from guestwire.monitor.rules.nodes import Selector, all_match
    from guestwire.monitor.rules.parser import parse

    selector = parse(text)
    if not isinstance(selector, Selector) or selector.window or selector.shift:
        raise ConfigError(f'{text!r} is no series: write its name, or name{{label="value"}}')
    found = [
        info for info in reader.series(number, selector.name) if all_match(selector.matchers, info.labels)
    ]
    if not found:
        raise ConfigError(_nearest(reader, number, guest, selector))
    return sorted(found, key=lambda info: info.labels)


def _nearest(reader: Reader, number: int, guest: str, selector: Selector) -> str:
    import difflib

    known = {info.name for info in reader.series(number)}
    if selector.name in known:
        return f"{guest}: no {selector.name} has such labels; `guestwire history {guest}` lists what there is"
    near = difflib.get_close_matches(selector.name, known, 1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; `guestwire history {guest}` lists what there is"
    return f"{guest}: no series {selector.name!r} was recorded{hint}"


def spelled(info: SeriesInfo) -> str:
    """A series as it is written."""
    from guestwire.monitor.export.exposition import spell

    return spell(info.name, info.labels)


def _table(past: list[Past]) -> None:
    shown: list[Document] = []
    for each in past:
        number = Column("", _number, right=True)
        columns = [number._replace(title=title) for title in _COLUMNS]
        rows = [(records.local(start / 1000), *values) for start, *values in _rows(each.buckets)]
        title = f"{each.series}{_per_second(each)}  {sparkline(each.buckets.average)}"
        shown += [title, Table(["from", *columns], rows, empty="nothing in this time")]
    output.draw(shown)


def _json(past: list[Past]) -> None:
    output.print_json([_plain(each) for each in past])


def _json_lines(past: list[Past]) -> None:
    output.print_list([_plain(each) for each in past], lines=True)


def _plain(past: Past) -> dict[str, Any]:
    rows = [
        {"at": start / 1000, **{name: _finite(value) for name, value in zip(_COLUMNS, values, strict=True)}}
        for start, *values in _rows(past.buckets)
    ]
    return {"series": past.series, "kind": str(past.kind), "step": past.buckets.step / 1000, "buckets": rows}


def _csv(past: list[Past]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["series", "at", *_COLUMNS])
    for each in past:
        for start, *values in _rows(each.buckets):
            writer.writerow([each.series, start / 1000, *(_finite(value) for value in values)])


def _sparklines(past: list[Past]) -> None:
    rows = []
    for each in past:
        finite = [value for value in each.buckets.average if math.isfinite(value)]
        ends = (min(finite), max(finite), finite[-1]) if finite else (None, None, None)
        rows.append((each.series + _per_second(each), *ends, sparkline(each.buckets.average)))
    number = Column("", _number, right=True)
    columns = [number._replace(title=title) for title in ("least", "most", "last")]
    output.draw(Table(["series", *columns, "average"], rows))


_FORMS = {None: _table, "json": _json, "jsonl": _json_lines, "csv": _csv, "sparkline": _sparklines}


def sparkline(values: array[float] | list[float]) -> str:
    """Values as bars, the least the lowest; a blank where there is none."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return ""
    low, span = min(finite), max(finite) - min(finite)
    top = len(_BARS) - 1
    return "".join(
        _BARS[round((value - low) / span * top) if span else 0] if math.isfinite(value) else " "
        for value in values
    )


def _rows(buckets: Buckets) -> list[tuple[Any, ...]]:
    return list(zip(buckets.starts, *(getattr(buckets, name) for name in _COLUMNS), strict=True))


def _per_second(past: Past) -> str:
    return " (per second)" if past.kind == "counter" else ""


def _number(value: float) -> str:
    return f"{value:.10g}" if math.isfinite(value) else output.UNKNOWN


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None

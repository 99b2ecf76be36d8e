"""Tables and pairs, drawn by rich: as wide as the terminal, or as wide as they need where there is none."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from guestwire.cli.clean import clean
from guestwire.cli.output import Column, Pairs, Table, cell

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_ROWS = 2000  # a guest can send millions
_GAP = 2  # blanks between columns
_UNLIMITED = 1 << 16  # columns, for what is no terminal: programs that cut lines apart want them whole


def draw(document: Table | Pairs, stream: TextIO) -> None:
    """Print one of them."""
    plain = bool(os.environ.get("NO_COLOR"))  # rich would still write bold
    colours: Literal["auto"] | None = None if plain else "auto"
    console = Console(file=stream, color_system=colours, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _UNLIMITED
    if isinstance(document, Pairs):
        _print(console, _pairs(document))
        return
    rows = list(document.rows)
    if rows:
        _print(console, _table(document.columns, rows[:_MOST_ROWS], console.width))
        if len(rows) > _MOST_ROWS:
            console.print(f"… and {len(rows) - _MOST_ROWS} rows more; --json has all of them")
    else:
        console.print(clean(document.empty))


def _print(console: Console, table: RichTable) -> None:
    """Print without the blanks that fill the last column."""
    with console.capture() as capture:
        console.print(table)
    lines = capture.get().split("\n")
    console.file.write("\n".join(line.rstrip(" ") for line in lines))


def _table(columns: Sequence[Column | str], rows: Sequence[Sequence[object]], width: int) -> RichTable:
    table = RichTable(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    made = [Column(each) if isinstance(each, str) else each for each in columns]
    cells = [[cell(value, column) for value, column in zip(row, made, strict=True)] for row in rows]
    for column, size in zip(made, _widths(made, cells, width), strict=True):
        side: Literal["left", "right"] = "right" if column.right else "left"
        table.add_column(column.title, justify=side, overflow="fold", width=size)
    for row in cells:
        table.add_row(*(Text(*each) for each in row))
    return table


def _widths(
    columns: Sequence[Column], rows: Sequence[Sequence[tuple[str, str]]], width: int
) -> Sequence[int | None]:
    """How wide columns are where not all can have what they need: figures stay whole, texts are cut at blanks.

    None where a column's share is left to rich: there is room for all, or not even for each one's longest word.
    """
    texts = [[column.title, *(row[at][0] for row in rows)] for at, column in enumerate(columns)]
    wanted = [max(map(cell_len, each)) for each in texts]
    room = width - _GAP * (len(columns) - 1)
    least = [
        want if column.right else max(cell_len(word) for text in each for word in text.split() or [""])
        for column, want, each in zip(columns, wanted, texts, strict=True)
    ]
    spare = room - sum(least)
    if sum(wanted) <= room or spare < 0:
        return [None] * len(columns)
    given = list(least)
    by_need = sorted(range(len(columns)), key=lambda at: wanted[at] - least[at])
    for served, at in enumerate(by_need):  # who lacks little gets it all; the others share what is left
        more = min(wanted[at] - least[at], spare // (len(columns) - served))
        given[at] += more
        spare -= more
    return given


def _pairs(pairs: Pairs) -> RichTable:
    table = RichTable(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    plain = Column("")
    for label, value in pairs.items:
        if value is not None:
            table.add_row(Text(label), Text(*cell(value, plain)))
    return table

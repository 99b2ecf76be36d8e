"""What verbs print: tables and pairs for people, JSON for programs. Everything a guest said is cleaned here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TextIO, Union

from guestwire.cli.clean import clean, clean_json, clean_text

UNKNOWN = "-"
"""What stands for a figure that the guest did not give."""


LONGEST_LINE = 4000
"""Characters of one line or cell that are shown: a guest can send megabytes. JSON has all of them."""


class Column(NamedTuple):
    """A column's heading, and how its values (never None) are written."""

    title: str
    write: Callable[[Any], str] = str
    right: bool = False


class Styled(NamedTuple):
    """A value with a style of rich's, such as "red", for terminals that have colours."""

    value: Any
    style: str


class Table(NamedTuple):
    """Rows under columns; a column that is a plain string is text. `empty` is said instead of a table of no rows."""

    columns: Sequence[Column | str]
    rows: Iterable[Sequence[Any]]
    empty: str = "nothing to show"


class Pairs(NamedTuple):
    """Labels and values, one a line. A label whose value is None is left out."""

    items: Iterable[tuple[str, Any]]


class Text(NamedTuple):
    """Text of several lines."""

    text: str


Document = Union[Table, Pairs, Text, str, Sequence["Document"], None]
"""What a verb shows of one guest. A plain string is one line; several documents follow each other."""


def human_bytes(count: float) -> str:
    """Bytes for people, in powers of 1024: 1536 is `1.5 KiB`."""
    size = float(count)
    for unit in ("B", "KiB", "MiB", "GiB", "TiB", "PiB"):
        if abs(size) < 999.5 or unit == "PiB":
            break
        size /= 1024
    return f"{size:.0f} {unit}" if unit == "B" or abs(size) >= 99.95 else f"{size:.1f} {unit}"


def human_seconds(seconds: float) -> str:
    """A duration for people, its two largest parts: 93784 is `1d 2h`."""
    left = round(abs(seconds))
    sign = "-" if seconds < 0 else ""
    if left < 60:
        return f"{sign}{abs(seconds):.3g}s"
    sizes = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
    first = next(at for at, (_, size) in enumerate(sizes) if left >= size)
    parts = []
    for unit, size in sizes[first : first + 2]:
        count, left = divmod(left, size)
        parts.append(f"{count}{unit}")
    return sign + " ".join(parts)


def percent(share: float) -> str:
    """A share of 1 for people."""
    return f"{share * 100:.0f}%"


def bytes_column(title: str) -> Column:
    """A column of byte counts."""
    return Column(title, human_bytes, right=True)


def count_column(title: str) -> Column:
    """A column of numbers."""
    return Column(title, str, right=True)


def is_terminal(stream: TextIO) -> bool:
    """Whether a person looks at `stream`."""
    return stream.isatty()


def draw(document: Document, stream: TextIO | None = None) -> None:
    """Print a document for people."""
    stream = stream or sys.stdout
    if document is None:
        return
    if isinstance(document, str):
        print(shortened(document), file=stream)
    elif isinstance(document, Text):
        text = clean_text(document.text)
        stream.write(text if not text or text.endswith("\n") else f"{text}\n")
    elif isinstance(document, (Table, Pairs)):
        from guestwire.cli import drawing

        drawing.draw(document, stream)
    else:
        for part in document:
            draw(part, stream)


def cell(value: Any, column: Column) -> tuple[str, str]:
    """The text and the style of a value."""
    style = ""
    if isinstance(value, Styled):
        value, style = value
    return (UNKNOWN if value is None else shortened(column.write(value))), style


def shortened(text: str) -> str:
    """One clean line, its end cut off where that is too long for anybody."""
    return clean(text) if len(text) <= LONGEST_LINE else f"{clean(text[:LONGEST_LINE])}…"


def as_json(value: Any, indent: int = 2) -> str:
    """A value (structs, dicts, lists, bytes as base64) as one JSON document, on one line with `indent` 0."""
    import msgspec

    data = msgspec.json.encode(value)
    return clean_json((msgspec.json.format(data, indent=indent) if indent else data).decode())


def print_json(value: Any, *, indent: int = 2, stream: TextIO | None = None) -> None:
    """Print a value as one JSON document."""
    (stream or sys.stdout).write(as_json(value, indent) + "\n")


def print_list(values: Sequence[Any], *, lines: bool) -> None:
    """Print values as one JSON array, or with `lines` each on its own."""
    if not lines:
        print_json(values)
        return
    for value in values:
        print_json(value, indent=0)


def told(error: Exception) -> str:
    """An error for people: of the system's, which file and what, without its number."""
    if isinstance(error, OSError) and error.strerror:
        where = error.filename if isinstance(error.filename, str) else None
        return f"{where}: {error.strerror}" if where else f"input or output failed: {error.strerror}"
    return str(error)


def complain(error: Exception | str) -> None:
    """Say on stderr what went wrong, in one line."""
    text = str(error).strip().replace("\n", "; ")  # a guest's program may have said several lines
    print(f"guestwire: {shortened(text)}", file=sys.stderr)

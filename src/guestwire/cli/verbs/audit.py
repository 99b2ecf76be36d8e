"""`guestwire audit`: read the broker's audit log, and see whether it was changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from guestwire.cli import options, output, status
from guestwire.cli.clean import clean

if TYPE_CHECKING:
    from guestwire.cli.output import Document

_file = click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))


@click.group
def command() -> None:
    """Read the broker's audit log (`guestwire broker --audit FILE`), and see whether it was changed."""


@command.command
@_file
@click.option("--last", metavar="HASH", help="The last hash noted elsewhere; it must still be in the file.")
@options.output
def verify(*, file: Path, last: str | None, json_: bool, jsonl: bool) -> int:
    """Follow the chain of FILE, and name the first line that was changed."""
    from guestwire.broker.audit import verify as follow

    options.exclusive(json_, jsonl)
    verdict = follow(file)
    why = "" if verdict.broken is None else f"line {verdict.broken}: {verdict.why}"
    if not why and last is not None and not _holds(file, last):
        why = f"the hash {last} is not there: the end was cut off, or it is another file"
    if json_ or jsonl:
        plain = {"ok": not why, "lines": verdict.lines, "last": verdict.last, "why": why or None}
        output.print_json(plain, indent=0 if jsonl else 2)
    elif why:
        click.echo(f"guestwire: {file}: {clean(why)}", err=True)
    else:
        click.echo(f"{file}: {verdict.lines} lines, whole; last hash {verdict.last}")
    return status.FAILED if why else status.OK


@command.command
@_file
@click.option("--guest", help="Of this guest only.")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="So many calls."
)
@options.output
def show(*, file: Path, guest: str | None, limit: int, json_: bool, jsonl: bool) -> None:
    """The last calls in FILE and the files before it, the newest last."""
    from guestwire.broker.audit import tail

    options.exclusive(json_, jsonl)
    calls = tail(file, guest=guest, limit=limit)[::-1]
    if json_ or jsonl:
        output.print_list(calls, lines=jsonl)
    else:
        output.draw(_table(calls))


def _table(calls: list[dict[str, Any]]) -> Document:
    from guestwire.cli.output import Column, Styled, Table

    rows = [
        [
            str(call.get("time", ""))[:19].replace("T", " "),
            _who(call.get("who")),
            call.get("guest"),
            call.get("command"),
            _arguments(call.get("arguments")),
            "ok" if call.get("result") == "ok" else Styled(str(call.get("desc", "error")), "red"),
            call.get("ms"),
        ]
        for call in calls
    ]
    words = ["time (UTC)", "who", "guest", "command", "arguments", "result"]
    columns: list[Column | str] = [*words, Column("ms", right=True)]
    return Table(columns, rows, empty="no calls")


def _who(who: Any) -> str:
    if not isinstance(who, dict):
        return "-"
    return str(who.get("name") or f"uid {who.get('uid')}")


def _arguments(arguments: Any) -> str:
    if not isinstance(arguments, dict):
        return ""
    return " ".join(f"{name}={_short(value)}" for name, value in arguments.items())


def _short(value: Any) -> str:
    if isinstance(value, dict) and list(value) == ["removed"]:
        return f"({value['removed']} removed)"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _holds(file: Path, digest: str) -> bool:
    with file.open("rb") as lines:
        return any(digest.encode() == line[-67:-3] for line in lines)

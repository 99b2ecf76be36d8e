"""`guestwire schema`: the commands and types, with their documentation."""

from __future__ import annotations

from typing import Any

import click

from guestwire.cli import options, reference
from guestwire.cli.commands import known
from guestwire.cli.output import Document, Table, Text, draw, print_json


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    every = known(ctx.params.get("schemas") or ())
    types = {name for command in every.values() for name in command.types}
    return [name for name in (*every, *sorted(types)) if name.startswith(incomplete)]


@click.command
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=_complete)
@click.option("--types", is_flag=True, help="List types instead of commands.")
@options.schemas
@options.output
def command(names: tuple[str, ...], types: bool, schemas: tuple[str, ...], json_: bool, jsonl: bool) -> int:
    """Describe the commands and types called NAME, or list them all. No guest is asked."""
    options.exclusive(json_, jsonl)
    book = reference.Reference(schemas)
    chosen = [book.find(name) for name in names] if names else book.of_kind(commands=not types)
    described = [book.describe(each) for each in chosen]
    if json_:
        print_json(described)
    elif jsonl:
        for each in described:
            print_json(each, indent=0)
    else:
        draw([_one(each) for each in described] if names else _list(described))
    return 0


def _one(described: dict[str, Any]) -> Document:
    return Text(reference.text(described) + "\n")


def _list(described: list[dict[str, Any]]) -> Document:
    return Table(
        ["name", "group", "summary"], [(each["name"], each["group"], _summary(each)) for each in described]
    )


def _summary(described: dict[str, Any]) -> str:
    sentence: str = described["text"].partition("\n")[0].partition(". ")[0]
    return sentence.removesuffix(".")

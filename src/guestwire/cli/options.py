"""Arguments and options that verbs share, and what they were set to."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import click

PARALLEL = 16
"""Guests worked on at once unless told otherwise."""

Function = Callable[..., Any]


class Seconds(click.FloatRange):
    """A number of seconds. `nan` is none."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """As a range does it, which takes anything for lying within that compares with nothing."""
        found = super().convert(value, param, ctx)
        return self.fail(f"{value!r} is no number of seconds.", param, ctx) if math.isnan(found) else found


class Common(NamedTuple):
    """What the common options say. `timeout` is seconds for each call, None for the client's own."""

    timeout: float | None = None
    json: bool = False
    jsonl: bool = False
    parallel: int = PARALLEL

    @property
    def for_people(self) -> bool:
        """Whether neither --json nor --jsonl was given."""
        return not (self.json or self.jsonl)


def complete_guest(incomplete: str) -> list[str]:
    """The guests of this host whose names begin so."""
    from guestwire.cli import guests

    return sorted({each.name for each in guests.discovered().guests if each.name.startswith(incomplete)})


def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Completion of a guest's name, as click wants it."""
    return complete_guest(incomplete)


def guest(function: Function) -> Function:
    """The argument GUEST: one, or several where the verb allows it."""
    return click.argument("guest", shell_complete=complete)(function)


def guests(function: Function) -> Function:
    """The argument GUEST...: one or more."""
    return click.argument("guests", nargs=-1, required=True, metavar="GUEST...", shell_complete=complete)(
        function
    )


def timeout(function: Function) -> Function:
    """--timeout alone; `common` has it too."""
    return click.option(
        "--timeout",
        type=Seconds(min=0, min_open=True),
        metavar="SECONDS",
        help="How long each call to a guest may take (default: 10).",
    )(function)


def output(function: Function) -> Function:
    """--json and --jsonl."""
    function = click.option("--jsonl", is_flag=True, help="Print one line of JSON for each guest.")(function)
    return click.option("--json", "json_", is_flag=True, help="Print one JSON document.")(function)


def parallel(function: Function) -> Function:
    """--parallel."""
    return click.option(
        "--parallel",
        type=click.IntRange(min=1),
        default=PARALLEL,
        show_default=True,
        metavar="N",
        help="Guests to work on at once.",
    )(function)


def exclusive(json_: bool, jsonl: bool) -> None:
    """Refuse --json together with --jsonl."""
    if json_ and jsonl:
        raise click.UsageError("--json and --jsonl exclude each other.")


def schemas(function: Function) -> Function:
    """--schema, given to the function as the paths `schemas`."""
    return click.option(
        "--schema",
        "schemas",
        multiple=True,
        type=click.Path(exists=True),
        metavar="PATH",
        help="A site's own schema file, or a folder of them; may be repeated.",
    )(function)


def common(function: Function) -> Function:
    """--timeout, --json, --jsonl and --parallel, given to the function as `common`."""

    @functools.wraps(function)
    def gathered(
        *args: Any, timeout: float | None, json_: bool, jsonl: bool, parallel: int, **kwargs: Any
    ) -> Any:
        exclusive(json_, jsonl)
        return function(*args, common=Common(timeout, json_, jsonl, parallel), **kwargs)

    return timeout(output(parallel(gathered)))

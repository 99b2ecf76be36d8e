"""The question before what cannot be undone happens to several guests at once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from guestwire.cli import guests
from guestwire.cli.clean import clean
from guestwire.cli.output import complain, is_terminal
from guestwire.cli.status import FAILED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def yes(function: Callable[..., Any]) -> Callable[..., Any]:
    """--yes."""
    text = "Do not ask first. Only a person at a terminal is asked, and only for several guests."
    return click.option("-y", "--yes", is_flag=True, help=text)(function)


def sure(what: str, words: Sequence[str], sure_already: bool) -> None:
    """Have a person at a terminal confirm what several guests are to do; end with status 1 for a no."""
    if sure_already or not is_terminal(sys.stdin) or not is_terminal(sys.stderr):
        return
    chosen = guests.find(words)
    if len(chosen) < 2:
        return
    names = ", ".join(clean(guest.name) for guest in chosen)
    if not click.confirm(f"{what} {len(chosen)} guests ({names})?", err=True):
        complain("nothing was done")
        raise click.exceptions.Exit(FAILED)

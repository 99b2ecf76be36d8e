"""`guestwire reboot`: have the guest start anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from guestwire.cli import asking, options
from guestwire.cli.verbs.shutdown import ask

if TYPE_CHECKING:
    from guestwire.cli.options import Common


@click.command
@options.guests
@asking.yes
@options.common
def command(guests: tuple[str, ...], yes: bool, common: Common) -> int:
    """Have the guest reboot by itself, in good order: `guestwire shutdown --mode reboot`."""
    return ask(guests, "reboot", yes, common)

"""`guestwire thaw`: let the guest's filesystems be written to again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from msgspec import Struct

from guestwire.cli import many, options
from guestwire.client.recipes.freezing import THAW_TIMEOUT

if TYPE_CHECKING:
    from guestwire.cli.options import Common


class Thawed(Struct):
    """How many filesystems of a guest were frozen."""

    thawed: int


@click.command
@options.guests
@options.common
def command(guests: tuple[str, ...], common: Common) -> int:
    """Thaw all frozen filesystems.

    Tried until the agent answers, for --timeout seconds in all (default: 180).
    """
    timeout = common.timeout or THAW_TIMEOUT
    return many.each(guests, common, lambda agent: Thawed(agent.thaw(timeout=timeout)), show)


def show(thawed: Thawed) -> str:
    """For people."""
    if not thawed.thawed:
        return "nothing was frozen"
    return f"{thawed.thawed} filesystem{'s' if thawed.thawed != 1 else ''} thawed"

"""`guestwire shutdown`: have the guest shut itself down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from msgspec import Struct

from guestwire.cli import many, options

if TYPE_CHECKING:
    from guestwire.cli.options import Common
    from guestwire.client import GuestAgent

DOING = {"powerdown": "powers down", "halt": "halts", "reboot": "reboots"}


class Asked(Struct):
    """What the guest was asked for; it has no answer to a shutdown that succeeds."""

    mode: str


@click.command
@options.guests
@click.option(
    "--mode",
    type=click.Choice(list(DOING)),
    default="powerdown",
    show_default=True,
    help="powerdown switches the machine off, halt only stops the system.",
)
@options.common
def command(guests: tuple[str, ...], mode: str, common: Common) -> int:
    """Have the guest shut down by itself, in good order.

    An agent answers only when it fails: --timeout says for how long silence must last to be taken for success
    (default: 3 seconds).
    """
    return ask(guests, mode, common)


def ask(guests: tuple[str, ...], mode: str, common: Common) -> int:
    """Ask each guest."""

    def work(agent: GuestAgent) -> Asked:
        agent.guest_shutdown(mode, timeout=common.timeout)
        return Asked(mode)

    return many.each(guests, common, work, lambda asked: DOING[asked.mode])

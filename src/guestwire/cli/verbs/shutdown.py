"""`guestwire shutdown`: have the guest shut itself down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from msgspec import Struct

from guestwire.cli import asking, many, options

if TYPE_CHECKING:
    from guestwire.cli.options import Common
    from guestwire.client import GuestAgent

DOING = {"powerdown": "powers down", "halt": "halts", "reboot": "reboots"}
_DO = {"powerdown": "shut down", "halt": "halt", "reboot": "reboot"}


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
@asking.yes
@options.common
def command(guests: tuple[str, ...], mode: str, yes: bool, common: Common) -> int:
    """Have the guest shut down by itself, in good order.

    An agent answers only when it fails: --timeout says for how long silence must last to be taken for success
    (default: 3 seconds).
    """
    return ask(guests, mode, yes, common)


def ask(guests: tuple[str, ...], mode: str, yes: bool, common: Common) -> int:
    """Ask each guest, after a person has confirmed it or said `yes` before."""
    asking.sure(_DO[mode], guests, yes)

    def work(agent: GuestAgent) -> Asked:
        agent.guest_shutdown(mode, timeout=common.timeout)
        return Asked(mode)

    return many.each(guests, common, work, lambda asked: DOING[asked.mode])

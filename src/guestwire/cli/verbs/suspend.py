"""`guestwire suspend`: put the guest to sleep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from guestwire.cli import asking, many, options
from guestwire.cli.verbs.shutdown import Asked

if TYPE_CHECKING:
    from guestwire.cli.options import Common
    from guestwire.client import GuestAgent

MODES = ("ram", "disk", "hybrid")


@click.command
@options.guests
@click.option(
    "--mode",
    type=click.Choice(MODES),
    default="ram",
    show_default=True,
    help="Where the guest's memory is kept; hybrid is both.",
)
@asking.yes
@options.common
def command(guests: tuple[str, ...], mode: str, yes: bool, common: Common) -> int:
    """Suspend the guest. The host wakes it: `virsh dompmwakeup`, or QMP's system_wakeup.

    An agent answers only when it fails: --timeout says for how long silence must last to be taken for success
    (default: 3 seconds).
    """
    asking.sure("suspend", guests, yes)

    def work(agent: GuestAgent) -> Asked:
        methods = {
            "ram": agent.guest_suspend_ram,
            "disk": agent.guest_suspend_disk,
            "hybrid": agent.guest_suspend_hybrid,
        }
        methods[mode](timeout=common.timeout)
        return Asked(mode)

    return many.each(guests, common, work, lambda asked: f"suspends to {_place(asked.mode)}")


def _place(mode: str) -> str:
    return "ram and disk" if mode == "hybrid" else mode

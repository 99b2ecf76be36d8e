"""`guestwire users`: who is logged in to the guest."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from guestwire.cli import many, options
from guestwire.cli.output import Table

if TYPE_CHECKING:
    from guestwire.cli.options import Common
    from guestwire.client.types import GuestUser


@click.command
@options.guests
@options.common
def command(guests: tuple[str, ...], common: Common) -> int:
    """Show who is logged in, and since when, in this host's time zone."""
    return many.each(guests, common, lambda agent: agent.guest_get_users(), show)


def show(users: list[GuestUser]) -> Table:
    """A row a user."""
    rows = [(each.user, each.domain, _local(each.login_time)) for each in users]
    return Table(["user", "domain", "since"], rows, empty="nobody is logged in")


def _local(seconds: float) -> str | None:
    try:
        return datetime.fromtimestamp(seconds).astimezone().isoformat(" ", "seconds")
    except (ValueError, OverflowError, OSError):
        return None

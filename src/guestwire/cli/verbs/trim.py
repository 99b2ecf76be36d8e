"""`guestwire trim`: give unused space of the guest's filesystems back to the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from guestwire.cli import many, options
from guestwire.cli.output import Styled, Table, bytes_column
from guestwire.cli.status import FAILED, OK

if TYPE_CHECKING:
    from guestwire.cli.options import Common
    from guestwire.client.types import GuestFilesystemTrimResponse

PATIENCE = 600.0
"""Seconds: trimming asks every filesystem, and a large one takes its time."""


@click.command
@options.guests
@click.option("--minimum", type=click.IntRange(min=0), metavar="BYTES", help="Pass over smaller free ranges.")
@options.common
def command(guests: tuple[str, ...], minimum: int | None, common: Common) -> int:
    """Discard the unused space of all filesystems that can.

    --timeout is 600 seconds unless you say otherwise.
    """
    timeout = common.timeout or PATIENCE
    return many.each(
        guests, common, lambda agent: agent.guest_fstrim(minimum, timeout=timeout), show, status=status
    )


def show(trimmed: GuestFilesystemTrimResponse) -> Table:
    """A row a filesystem."""
    rows = [
        (each.path, each.trimmed, each.error and Styled(each.error, "red"))
        for each in sorted(trimmed.paths, key=lambda each: each.path)
    ]
    return Table(["filesystem", bytes_column("trimmed"), "error"], rows, empty="no filesystem can be trimmed")


def status(trimmed: GuestFilesystemTrimResponse) -> int:
    """Failed when one filesystem did."""
    return FAILED if any(each.error for each in trimmed.paths) else OK

"""`guestwire fs`: the guest's filesystems."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from guestwire.cli import many, options
from guestwire.cli.output import Column, Styled, Table, bytes_column, percent

if TYPE_CHECKING:
    from guestwire.cli.options import Common
    from guestwire.client.types import GuestFilesystemInfo

FULL, NEARLY_FULL = 0.95, 0.85


@click.command
@options.guests
@options.common
def command(guests: tuple[str, ...], common: Common) -> int:
    """Show the mounted filesystems, and how full they are."""
    return many.each(guests, common, lambda agent: agent.guest_get_fsinfo(), show)


def show(filesystems: list[GuestFilesystemInfo]) -> Table:
    """A row a filesystem, by mount point."""
    rows = []
    for each in sorted(filesystems, key=lambda each: each.mountpoint):
        used, total = each.used_bytes, each.total_bytes
        left = None if used is None or total is None else max(total - used, 0)
        disks = [disk.dev or disk.serial for disk in each.disk]
        rows.append(
            (
                each.mountpoint,
                each.name,
                each.type,
                total,
                used,
                left,
                _share(used, total),
                ", ".join(filter(None, disks)) or None,
            )
        )
    columns: list[Column | str] = [
        "mounted on",
        "device",
        "type",
        bytes_column("size"),
        bytes_column("used"),
        bytes_column("free"),
        Column("full", percent, right=True),
        "on disk",
    ]
    return Table(columns, rows, empty="no filesystems")


def _share(used: int | None, total: int | None) -> object:
    if used is None or not total or total < 0:
        return None
    share = used / total
    if share < NEARLY_FULL:
        return share
    return Styled(share, "red" if share >= FULL else "yellow")

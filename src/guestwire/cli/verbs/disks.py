"""`guestwire disks`: the guest's disks and partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from guestwire.cli import many, options
from guestwire.cli.output import Column, Table, bytes_column, count_column

if TYPE_CHECKING:
    from guestwire.cli.options import Common
    from guestwire.client.types import GuestDiskInfo, GuestDiskStatsInfo, GuestPCIAddress

SECTOR = 512
"""Bytes that the kernel counts as a sector, whatever the disk has."""


@click.command
@options.guests
@click.option("--stats", is_flag=True, help="Show what was read and written since the guest's boot.")
@options.common
def command(guests: tuple[str, ...], stats: bool, common: Common) -> int:
    """Show the disks and partitions: what they are made of, where they are attached, their serial numbers."""
    if stats:
        return many.each(guests, common, lambda agent: agent.guest_get_diskstats(), show_stats)
    return many.each(guests, common, lambda agent: agent.guest_get_disks(), show)


def show(disks: list[GuestDiskInfo]) -> Table:
    """A row a disk."""
    rows = []
    for each in sorted(disks, key=lambda each: each.name):
        at = each.address
        place = at and f"{at.bus_type} {_pci(at.pci_controller)} {at.bus}:{at.target}:{at.unit}".replace(
            "  ", " "
        )
        rows.append(
            (
                each.name,
                "partition" if each.partition else "disk",
                ", ".join(each.dependencies or []) or None,
                each.alias,
                place,
                at and at.serial,
            )
        )
    return Table(["device", "kind", "made of", "alias", "attached at", "serial"], rows, empty="no disks")


def show_stats(disks: list[GuestDiskStatsInfo]) -> Table:
    """A row a disk, with counters since boot."""
    rows = [
        (
            each.name,
            _bytes(each.stats.read_sectors),
            _bytes(each.stats.write_sectors),
            each.stats.read_ios,
            each.stats.write_ios,
            each.stats.flush_ios,
            each.stats.ios_pgr,
        )
        for each in disks
    ]
    columns: list[Column | str] = [
        "device",
        bytes_column("read"),
        bytes_column("written"),
        count_column("reads"),
        count_column("writes"),
        count_column("flushes"),
        count_column("under way"),
    ]
    return Table(columns, rows, empty="no disks")


def _bytes(sectors: int | None) -> int | None:
    return None if sectors is None else sectors * SECTOR


def _pci(address: GuestPCIAddress) -> str:
    """As lspci writes it; the agent gives -1 where there is no PCI controller."""
    parts = (address.domain, address.bus, address.slot, address.function)
    if any(part < 0 for part in parts):
        return ""
    return "{:04x}:{:02x}:{:02x}.{:x}".format(*parts)

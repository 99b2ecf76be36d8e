"""One guest's page: filesystems with a forecast, disks, interfaces, and where each figure comes from."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from guestwire.web.figures import Figures, used_ratio
from guestwire.web.rates import Rates
from guestwire.web.shapes import (
    Address,
    Alert,
    Disk,
    Filesystem,
    GuestPage,
    Interface,
    Row,
    SourceOfFigure,
    UnknownFigure,
)

if TYPE_CHECKING:
    from guestwire.monitor.targets import Target
    from guestwire.web.site import Site

_FS = "node_filesystem_"
_HORIZON = 6 * 3600  # seconds of history that a forecast goes by
_FURTHEST = 90 * 86400.0  # seconds that a forecast is worth telling
_FIVE_MINUTES = 300_000
_FEWEST = 4  # buckets that a forecast needs


async def details(site: Site, target: Target, row: Row, alerts: list[Alert]) -> GuestPage:
    """The page."""
    now = time.time()
    figures = Figures.of(site.monitor.store.latest(target.identity), now)
    rates = await asyncio.to_thread(Rates.read, site, target.identity, now) if row.up else Rates({})
    forecasts = await asyncio.to_thread(_forecasts, site, target.identity, now)
    unknown, sources = _provenance(site, target.identity)
    return GuestPage(
        guest=row,
        filesystems=_filesystems(figures, forecasts),
        disks=_disks(rates),
        interfaces=_interfaces(figures, rates),
        unknown=unknown,
        sources=sources,
        alerts=alerts,
    )


def _filesystems(figures: Figures, forecasts: dict[str, float]) -> list[Filesystem]:
    about = {
        labels.get("mountpoint", ""): labels
        for metric in ("size_bytes", "device_error")
        for labels, _ in figures.each(_FS + metric)
    }
    columns = {
        name: figures.by(_FS + name, "mountpoint")
        for name in ("size_bytes", "avail_bytes", "free_bytes", "files", "files_free", "readonly")
    }
    found = []
    for mountpoint, labels in sorted(about.items()):
        size, available, free, inodes, inodes_free, read_only = (
            column.get(mountpoint) for column in columns.values()
        )
        found.append(
            Filesystem(
                mountpoint=mountpoint,
                device=labels.get("device", ""),
                type=labels.get("fstype", ""),
                size_bytes=size,
                available_bytes=available,
                free_bytes=free,
                used_ratio=used_ratio(size, free, available),
                inodes=inodes,
                inodes_free=inodes_free,
                inodes_used_ratio=_used(inodes_free, inodes),
                read_only=None if read_only is None else bool(read_only),
                full_in_seconds=None if read_only else forecasts.get(mountpoint),
            )
        )
    return found


def _used(left: float | None, whole: float | None) -> float | None:
    return round(1 - left / whole, 4) if left is not None and whole else None


def _forecasts(site: Site, identity: str, now: float) -> dict[str, float]:
    """Seconds until a filesystem is full, by mount point, from the line through its last hours."""
    found: dict[str, float] = {}
    end = round(now * 1000)
    for info in site.series(identity, _FS + "avail_bytes"):
        buckets = site.reader.buckets(info, end - _HORIZON * 1000, end, _FIVE_MINUTES, end)
        left = full_in([at / 1000 for at in buckets.starts], list(buckets.average))
        if left is not None:
            found[dict(info.labels).get("mountpoint", "")] = left
    return found


def full_in(times: list[float], left: list[float]) -> float | None:
    """Seconds from the last of `times` until `left` reaches 0 at its pace; None if it does not, or not soon."""
    if len(times) < _FEWEST:
        return None
    mean_time, mean_left = sum(times) / len(times), sum(left) / len(left)
    spread = sum((at - mean_time) ** 2 for at in times)
    slope = sum((at - mean_time) * (x - mean_left) for at, x in zip(times, left, strict=True)) / spread
    if slope >= 0:
        return None
    seconds = left[-1] / -slope
    return round(seconds) if seconds <= _FURTHEST else None


def _disks(rates: Rates) -> list[Disk]:
    columns = [
        rates.by(f"node_disk_{name}_total", "device")
        for name in (
            "read_bytes",
            "written_bytes",
            "reads_completed",
            "writes_completed",
            "io_time_seconds",
        )
    ]
    found = []
    for name in sorted(set().union(*columns)):
        read, written, reads, writes, busy = (column.get(name) for column in columns)
        found.append(
            Disk(
                name=name,
                read_bytes_per_second=read,
                write_bytes_per_second=written,
                reads_per_second=reads,
                writes_per_second=writes,
                busy_ratio=None if busy is None else min(1.0, busy),
            )
        )
    return found


def _interfaces(figures: Figures, rates: Rates) -> list[Interface]:
    macs = {one.get("device", ""): one.get("address") for one in figures.newest("node_network_info")}
    addresses: dict[str, list[Address]] = {}
    for one in figures.newest("node_network_address_info"):
        text = one.get("address", "")
        prefix = one.get("prefix", "")
        addresses.setdefault(one.get("device", ""), []).append(
            Address(text, int(prefix) if prefix.isdecimal() else None, "ipv6" if ":" in text else "ipv4")
        )
    columns = [
        rates.by(f"node_network_{name}_total", "device")
        for name in ("receive_bytes", "transmit_bytes", "receive_errs", "transmit_errs")
    ]
    found = []
    for name in sorted(set().union(macs, addresses, *columns)):
        received, sent, receive_errors, transmit_errors = (column.get(name) for column in columns)
        found.append(
            Interface(
                name=name,
                mac=macs.get(name),
                addresses=addresses.get(name, []),
                receive_bytes_per_second=received,
                transmit_bytes_per_second=sent,
                receive_errors_per_second=receive_errors,
                transmit_errors_per_second=transmit_errors,
            )
        )
    return found


def _provenance(site: Site, identity: str) -> tuple[list[UnknownFigure], list[SourceOfFigure]]:
    entry = site.monitor.store.registry.guests.get(identity)
    told = sorted(site.monitor.store.provenance.of(entry.id).items()) if entry else []
    unknown = [UnknownFigure(name, reason, since / 1000) for name, (since, _, reason) in told if reason]
    sources = [SourceOfFigure(name, source, since / 1000) for name, (since, source, _) in told if source]
    return unknown, sources

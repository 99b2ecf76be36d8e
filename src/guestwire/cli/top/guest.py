"""The second screen: one guest, its last hour and what is in it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Static, TabbedContent, TabPane

from guestwire.cli.clean import clean
from guestwire.cli.output import UNKNOWN, human_seconds
from guestwire.cli.top.cells import share, short_bytes, spark, state_of, tint
from guestwire.cli.top.source import DaemonError

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from guestwire.cli.top.source import Daemon
    from guestwire.web.shapes import GuestPage

CHARTS = ("cpu", "memory", "load", "network", "disk_bytes", "pressure", "round_trip")
"""What the first tab draws, by the names of the HTTP API."""

_TITLES = {
    "cpu": "CPU",
    "memory": "memory",
    "load": "load",
    "network": "network",
    "disk_bytes": "disks",
    "pressure": "pressure",
    "round_trip": "poll",
}
_COUNTED = {"memory": ("used",), "load": ("1 min",)}  # of charts with lines that are no part of what is used
_WAITING = "iowait"
_PLACE = 34  # columns of a name, so that the figures beside it stay in sight at 80
_PROCESSES = 40
_LABELS = 34  # columns beside a chart's bars
RENEW = 5.0
"""Seconds between two looks at the guest."""

_FILESYSTEMS = ("MOUNTED ON", "FULL", "SIZE", "LEFT", "INODES", "FULL IN", "DEVICE")
_TRAFFIC = ("NAME", "IN/READ", "OUT/WRITTEN", "ERRORS/BUSY", "ADDRESSES")
_ALERTS = ("SEVERITY", "STATE", "RULE", "SUMMARY")
_RUNNING = ("PID", "CPU TIME", "MEMORY", "STATE", "NAME")
_UNKNOWN = ("FIGURE", "WHY IT IS NOT KNOWN")


class GuestScreen(Screen[None]):
    """Asks the daemon for the guest called `name` every few seconds, for as long as it is open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "app.pop_screen", "All guests"),
        Binding("q", "app.quit", "Quit"),
    ]
    CSS = """
    GuestScreen { overflow: hidden; }
    GuestScreen TabbedContent, GuestScreen ContentSwitcher, GuestScreen TabPane { height: 1fr; padding: 0; }
    GuestScreen > #head { height: 2; background: $panel; padding: 0 1; }
    GuestScreen DataTable { height: auto; margin-bottom: 1; }
    """

    def __init__(self, daemon: Daemon, identity: str, name: str) -> None:
        super().__init__()
        self._daemon = daemon
        self._identity = identity
        self._title = name

    def compose(self) -> ComposeResult:
        """A head of two lines, and a tab for each side of a guest."""
        yield Static(clean(self._title), id="head", markup=False)
        with TabbedContent():
            for title, tables in (
                ("Now", ("filesystems",)),
                ("Processes", ("processes",)),
                ("Disks and network", ("disks", "interfaces")),
                ("Alerts", ("alerts",)),
                ("Unknown", ("unknown",)),
            ):
                with TabPane(title), VerticalScroll():
                    if title == "Now":
                        yield Static("", id="charts", markup=False)
                    for name in tables:
                        yield DataTable(id=name, cursor_type="none")
        yield Footer()

    def on_mount(self) -> None:
        """The tables get their columns."""
        for name, titles in (
            ("filesystems", _FILESYSTEMS),
            ("processes", _RUNNING),
            ("disks", _TRAFFIC),
            ("interfaces", _TRAFFIC),
            ("alerts", _ALERTS),
            ("unknown", _UNKNOWN),
        ):
            self.query_one(f"#{name}", DataTable).add_columns(*titles)
        self.run_worker(self._attend(), name="attend")  # ends with the screen

    async def _attend(self) -> None:
        """Renew the page for as long as it is open. What cannot be had now is asked for again."""
        while True:
            try:
                self._show(await self._daemon.guest(self._identity))
                points = max(10, self.app.size.width - _LABELS)
                self._draw_charts(await self._daemon.charts(self._identity, CHARTS, points))
                self._list_processes(await self._inventory())
            except DaemonError as error:
                self.notify(clean(str(error)), severity="warning", markup=False)
            await asyncio.sleep(RENEW)

    async def _inventory(self) -> dict[str, Any]:
        try:
            return await self._daemon.inventory(self._identity)
        except DaemonError as error:
            return {"processes": None, "unknown": {"processes": str(error)}}

    def _show(self, page: GuestPage) -> None:
        """Take what the daemon knows of the guest."""
        self.query_one("#head", Static).update(_head(page, self.app.size.width - 2))
        self._fill("filesystems", (_filesystem(each) for each in page.filesystems))
        self._fill("disks", (_disk(each) for each in page.disks))
        self._fill("interfaces", (_interface(each) for each in page.interfaces))
        self._fill("alerts", ((a.severity, a.state, a.rule, a.summary) for a in page.alerts))
        self._fill("unknown", ((each.metric, each.reason) for each in page.unknown))

    def _draw_charts(self, charts: dict[str, Any]) -> None:
        """Take the last hour."""
        width = max(10, self.app.size.width - _LABELS)
        lines = [_chart(name, charts.get(name) or {}, width) for name in CHARTS]
        self.query_one("#charts", Static).update(Text("\n").join(lines) + Text("\n"))

    def _list_processes(self, inventory: dict[str, Any]) -> None:
        """Take what the guest itself has told."""
        listed = inventory.get("processes")
        if listed is None:
            reason = (inventory.get("unknown") or {}).get("processes", "the guest does not tell")
            self._fill("processes", [(UNKNOWN, "", "", "", reason)])
            return
        self._fill("processes", (_process(each) for each in listed[:_PROCESSES]))

    def _fill(self, name: str, rows: Iterable[Sequence[Any]]) -> None:
        table = self.query_one(f"#{name}", DataTable)
        table.clear()
        for row in rows:
            table.add_row(*(cell if isinstance(cell, Text) else Text(clean(str(cell))) for cell in row))


def _head(page: GuestPage, width: int) -> Text:
    row = page.guest
    first = [row.name, state_of(row), row.os, row.kernel]
    second = [
        row.uptime_seconds is not None and f"up {human_seconds(row.uptime_seconds)}",
        row.cpus is not None and f"{row.cpus} CPUs",
        row.memory_total_bytes is not None and f"{short_bytes(row.memory_total_bytes)} memory",
        row.agent and f"{row.agent} {row.agent_version or ''}".strip(),
        ", ".join(row.addresses[:3]),
    ]
    lines = (" · ".join(clean(str(part)) for part in parts if part) for parts in (first, second))
    return Text("\n".join(line if len(line) <= width else f"{line[: width - 1]}…" for line in lines))


def _chart(name: str, chart: dict[str, Any], width: int) -> Text:
    """One line: what it is, the hour as bars, the newest figure."""
    unit = chart.get("unit", "")
    values = _busy(name, chart.get("series") or [])
    newest = next((value for value in reversed(values) if value is not None), None)
    title = _TITLES[name].ljust(10)
    if newest is None:
        return Text.assemble(title, (str(clean(chart.get("reason") or "no figures")), "dim"))
    written = _written(newest, unit)
    most = 1.0 if unit == "ratio" else None
    return Text.assemble(title, (spark(values, width, most), "cyan"), f"  {written}")


def _busy(chart: str, series: list[dict[str, Any]]) -> list[float | None]:
    """The sum of the series that mean use, point by point; of pressure the worst."""
    counted = _COUNTED.get(chart)
    used = [each["values"] for each in series if each["name"] in (counted or (each["name"],))]
    if chart == "cpu":
        used = [each["values"] for each in series if each["name"] != _WAITING]
    together = max if chart == "pressure" else sum
    sums: list[float | None] = []
    for point in zip(*used, strict=False):
        known = [value for value in point if value is not None]
        sums.append(together(known) if known else None)
    return sums


def _written(value: float, unit: str) -> str:
    if unit == "ratio":
        return share(value)
    if unit == "bytes":
        return short_bytes(value)
    if unit == "bytes_per_second":
        return f"{short_bytes(value)}/s"
    if unit == "seconds":
        return f"{value * 1000:.1f} ms"
    return f"{value:.2f}"


def _filesystem(each: Any) -> tuple[Any, ...]:
    full_in = UNKNOWN if each.full_in_seconds is None else human_seconds(each.full_in_seconds)
    return (
        _short(each.mountpoint),
        Text(share(each.used_ratio), tint(each.used_ratio)),
        short_bytes(each.size_bytes),
        short_bytes(each.available_bytes),
        share(each.inodes_used_ratio),
        full_in,
        each.device,
    )


def _short(name: str) -> str:
    cleaned = clean(name)
    return cleaned if len(cleaned) <= _PLACE else f"{cleaned[: _PLACE - 1]}…"


def _disk(each: Any) -> tuple[Any, ...]:
    return (
        _short(each.name),
        *_rates(each.read_bytes_per_second, each.write_bytes_per_second),
        share(each.busy_ratio),
        "",
    )


def _interface(each: Any) -> tuple[Any, ...]:
    errors = (each.receive_errors_per_second, each.transmit_errors_per_second)
    known = [error for error in errors if error is not None]
    told = f"{sum(known):.1f}/s" if known else UNKNOWN
    addresses = " ".join(address.address for address in each.addresses)
    return (
        _short(each.name),
        *_rates(each.receive_bytes_per_second, each.transmit_bytes_per_second),
        told,
        addresses,
    )


def _rates(*rates: float | None) -> tuple[str, ...]:
    return tuple(UNKNOWN if rate is None else f"{short_bytes(rate)}/s" for rate in rates)


def _process(each: dict[str, Any]) -> tuple[Any, ...]:
    return (
        each.get("pid", UNKNOWN),
        UNKNOWN if each.get("cpu_seconds") is None else human_seconds(each["cpu_seconds"]),
        short_bytes(each.get("resident_bytes")),
        each.get("state") or UNKNOWN,
        each.get("name") or UNKNOWN,
    )

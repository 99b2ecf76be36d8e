"""`/api/v1/guests`: the overview, and one guest's page."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from guestwire.web.alerts import alerts_of
from guestwire.web.details import details
from guestwire.web.paging import page
from guestwire.web.routes import Call, param
from guestwire.web.shapes import (
    Cursor,
    GuestPage,
    GuestsPage,
    Limit,
    Row,
    Severity,
    State,
    Text,
)

Key = Literal[
    "name", "state", "os", "cpu", "memory", "filesystem", "network", "uptime", "alerts", "agent",
    "-name", "-state", "-os", "-cpu", "-memory", "-filesystem", "-network", "-uptime", "-alerts", "-agent",
]  # fmt: skip


class GuestsQuery(Struct, forbid_unknown_fields=True):
    """`q` is looked for in names, addresses and systems; `label` is KEY=VALUE, several must all fit."""

    q: Text = ""
    state: State | Literal["up", "down"] | None = None
    label: Annotated[list[Annotated[str, Meta(pattern="^[^=]+=", max_length=256)]], Meta(max_length=16)] = []
    alert: Severity | None = None
    sort: Key = "name"
    sparks: bool = True
    limit: Limit = 200
    cursor: Cursor = ""


async def guests(call: Call) -> GuestsPage:
    """The overview: every guest that is watched, with its state and newest figures."""
    query: GuestsQuery = call.query
    overview = call.site.overview
    fitting = [row for row in overview.rows(sparks=False) if _fits(row, query)]
    fitting.sort(key=lambda row: (row.name.casefold(), row.id))
    _sort(fitting, query.sort)
    shown, following = page(fitting, query.cursor, query.limit)
    now = time.time()
    if query.sparks:
        shown = [replace(row, sparks=overview.pulse(row.id).sparks(now)) for row in shown]
    return GuestsPage(shown, len(fitting), following, now)


async def guest(call: Call) -> GuestPage:
    """All that is known of a guest without asking it."""
    site = call.site
    target = site.find(param(call, "guest"))
    row = site.overview.row(target)
    alerts = alerts_of(site, target.identity)
    return await details(site, target, row, alerts)


def _fits(row: Row, query: GuestsQuery) -> bool:
    if query.state in ("up", "down"):
        if row.up is not (query.state == "up"):
            return False
    elif query.state and row.state != query.state:
        return False
    for pair in query.label:
        key, _, value = pair.partition("=")
        if row.labels.get(key) != value:
            return False
    if query.alert and not getattr(row.alerts, query.alert):
        return False
    return not query.q or query.q.casefold() in _words(row)


def _words(row: Row) -> str:
    words = [row.name, row.id, row.os, row.hostname, row.agent, row.reason, *row.addresses]
    words += [f"{key}={value}" for key, value in row.labels.items()]
    return "\n".join(filter(None, words)).casefold()


_KEYS: dict[str, Callable[[Row], Any]] = {
    "name": lambda row: row.name.casefold(),
    "state": lambda row: (row.state, row.up is not True, row.reason or ""),
    "os": lambda row: row.os,
    "cpu": lambda row: row.cpu_ratio,
    "memory": lambda row: _part(row.memory_used_bytes, row.memory_total_bytes),
    "filesystem": lambda row: row.filesystem and row.filesystem.used_ratio,
    "network": lambda row: _sum(row.receive_bytes_per_second, row.transmit_bytes_per_second),
    "uptime": lambda row: row.uptime_seconds,
    "alerts": lambda row: (row.alerts.critical, row.alerts.warning, row.alerts.info),
    "agent": lambda row: row.agent and f"{row.agent} {row.agent_version}",
}


def _sort(rows: list[Row], wanted: str) -> None:
    """In place and stable; guests that lack the figure come last, either way round."""
    key, backwards = _KEYS[wanted.removeprefix("-")], wanted.startswith("-")
    known = [row for row in rows if key(row) is not None]
    rest = [row for row in rows if key(row) is None]
    known.sort(key=key, reverse=backwards)
    rows[:] = known + rest


def _part(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None


def _sum(a: float | None, b: float | None) -> float | None:
    return a + b if a is not None and b is not None else None

"""What each path answers. A guest goes by its name or its identity."""

from __future__ import annotations

import dataclasses
import json
import math
import time
from typing import TYPE_CHECKING, Any

from aiohttp import web

from guestwire.monitor.export import itself
from guestwire.monitor.export.exposition import (
    CLASSIC,
    OPENMETRICS,
    Exposition,
    guests_text,
    spell,
    wants_openmetrics,
)
from guestwire.monitor.export.sd import targets
from guestwire.monitor.samples import Kind
from guestwire.web.app import SITE, Problem, Site

if TYPE_CHECKING:
    from guestwire.monitor.store.reader import SeriesInfo

POINTS = 11_000  # of one range, as Prometheus bounds it


async def healthz(request: web.Request) -> web.Response:
    """The process answers."""
    return web.Response(text="ok\n")


async def readyz(request: web.Request) -> web.Response:
    """The store takes what is measured."""
    trouble = request.app[SITE].monitor.store.trouble
    if trouble:
        raise Problem(503, trouble)
    return web.Response(text="ready\n")


async def metrics(request: web.Request) -> web.Response:
    """All guests' figures and our own."""
    site = request.app[SITE]
    exposition = _exposition(request)
    itself.add_process(exposition)
    itself.add_store(exposition, site.monitor.store)
    itself.add_alerts(exposition, site.monitor.engine.alerts())
    _add_polling(exposition, site)
    store = site.monitor.store
    guests = [(w.target.name, store.latest(w.target.identity)) for w in site.poller.watchers]
    return _text(request, guests_text(guests, _now(), exposition))


async def guest_metrics(request: web.Request) -> web.Response:
    """One guest's figures as node_exporter would tell them inside it."""
    site = request.app[SITE]
    identity = _identity(request)
    exposition = _exposition(request)
    exposition.add_guest(site.monitor.store.latest(identity), _now())
    return _text(request, exposition.text())


async def service_discovery(request: web.Request) -> web.Response:
    """Targets for Prometheus' http_sd."""
    watched = [(w.target.identity, w.target.name) for w in request.app[SITE].poller.watchers]
    return web.Response(text=targets(watched, request.host), content_type="application/json")


async def guests(request: web.Request) -> web.Response:
    """The guests that are watched."""
    site = request.app[SITE]
    store, shown = site.monitor.store, []
    for watcher in site.poller.watchers:
        target = watcher.target
        up = store.latest(target.identity).get(("guestwire_guest_up", ()))
        shown.append(
            {**dataclasses.asdict(target), "up": bool(up[1]) if up else None, **_polls(watcher.counts)}
        )
    return web.json_response({"guests": shown})


async def series(request: web.Request) -> web.Response:
    """The series of a guest, with their newest values."""
    latest = request.app[SITE].monitor.store.latest(_identity(request))
    listed = [
        {"series": spell(*key), "name": key[0], "labels": dict(key[1]), "at": at / 1000, "value": value}
        for key, (at, value) in sorted(latest.items())
    ]
    return _json({"series": listed})


async def range_of(request: web.Request) -> web.Response:
    """History of the series that `series` names: `name` for all of a metric, `name{label="value"}` for one.

    `start`, `end` in seconds since the epoch (the last hour), `step` in seconds.
    """
    reader = request.app[SITE].monitor.reader
    wanted = request.query.get("series", "")
    end = _number(request, "end", time.time())
    start = _number(request, "start", end - 3600)
    step = _number(request, "step", max(1.0, (end - start) / 300))
    if not 0 <= start < end < 1e11:
        raise Problem(400, "start must be before end, both in seconds since 1970")
    if step < 0.001 or (end - start) / step > POINTS:
        raise Problem(400, f"step must leave at most {POINTS} points")
    number = reader.guests().get(_identity(request), (0, ""))[0]
    found = [
        info
        for info in reader.series(number, wanted.partition("{")[0])
        if wanted in (info.name, spell(info.name, info.labels))
    ]
    if not wanted or not found:
        raise Problem(404, f"this guest has no series {wanted!r}")
    span = round(start * 1000), round(end * 1000), round(step * 1000)
    return _json({"result": [_history(request.app[SITE], info, *span) for info in found]})


async def alerts(request: web.Request) -> web.Response:
    """Every alert, pending, firing or lately resolved."""
    engine = request.app[SITE].monitor.engine
    listed = [
        {
            "rule": alert.rule,
            "guest": alert.guest,
            "state": str(alert.state),
            "severity": alert.severity,
            "since": alert.since,
            "value": alert.value,
            "labels": alert.all_labels(),
            "summary": alert.summary,
            "description": alert.description,
            "stale": alert.stale,
        }
        for alert in engine.alerts()
    ]
    return _json({"alerts": listed, "errors": engine.errors})


ROUTES = [
    web.get("/healthz", healthz),
    web.get("/readyz", readyz),
    web.get("/metrics", metrics),
    web.get("/sd", service_discovery),
    web.get("/guests/{guest}/metrics", guest_metrics),
    web.get("/api/v1/guests", guests),
    web.get("/api/v1/guests/{guest}/series", series),
    web.get("/api/v1/guests/{guest}/range", range_of),
    web.get("/api/v1/alerts", alerts),
]


def _history(site: Site, info: SeriesInfo, start: int, end: int, step: int) -> dict[str, Any]:
    buckets = site.monitor.reader.buckets(info, start, end, step, _now())
    return {
        "series": spell(info.name, info.labels),
        "kind": str(info.kind),
        "step": buckets.step / 1000,
        "starts": [at / 1000 for at in buckets.starts],
        **{name: [_finite(v) for v in getattr(buckets, name)] for name in ("low", "high", "average", "last")},
    }


def _identity(request: web.Request) -> str:
    wanted = request.match_info["guest"]
    watched = [watcher.target for watcher in request.app[SITE].poller.watchers]
    for target in watched:
        if target.identity == wanted:
            return wanted
    named = [target.identity for target in watched if target.name == wanted]
    if not named:
        raise Problem(404, f"no guest {wanted!r} is watched")
    if len(named) > 1:
        raise Problem(409, f"{len(named)} guests are named {wanted!r}; ask by identity")
    return named[0]


def _number(request: web.Request, key: str, default: float) -> float:
    text = request.query.get(key)
    try:
        value = default if text is None else float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise Problem(400, f"{key}={text}: not a number")
    return value


def _polls(counts: Any) -> dict[str, float]:
    return {"polls": counts.polls, "failures": counts.failures, "skipped": counts.skipped}


def _add_polling(exposition: Exposition, site: Site) -> None:
    for name, member, text in (
        ("guestwire_polls_total", "polls", "Polls begun."),
        ("guestwire_poll_failures_total", "failures", "Polls that gave no figures."),
        ("guestwire_polls_skipped_total", "skipped", "Ticks that found the last poll under way."),
        ("guestwire_poll_seconds_total", "seconds", "Time that polls waited for guests."),
    ):
        for watcher in site.poller.watchers:
            labels = (("guest", watcher.target.name),)
            exposition.add(name, labels, getattr(watcher.counts, member), kind=Kind.COUNTER, text=text)


def _exposition(request: web.Request) -> Exposition:
    return Exposition(openmetrics=wants_openmetrics(request.headers.get("Accept", "")))


def _text(request: web.Request, text: str) -> web.Response:
    kind = OPENMETRICS if wants_openmetrics(request.headers.get("Accept", "")) else CLASSIC
    return web.Response(body=text.encode("utf-8", "replace"), headers={"Content-Type": kind})


def _json(data: Any) -> web.Response:
    return web.Response(text=json.dumps(data), content_type="application/json")


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _now() -> int:
    return round(time.time() * 1000)

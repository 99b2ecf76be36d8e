"""What other programs scrape: health, Prometheus' exposition, and targets for its service discovery."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING

from aiohttp import web

from guestwire.monitor.export import itself
from guestwire.monitor.export.exposition import (
    CLASSIC,
    OPENMETRICS,
    Exposition,
    wants_openmetrics,
)
from guestwire.monitor.export.sd import targets
from guestwire.monitor.samples import Kind
from guestwire.web.problems import Problem
from guestwire.web.routes import Call, param

if TYPE_CHECKING:
    from guestwire.web.site import Site

STEP = 8  # guests whose lines are made before others have a turn
PATIENCE = 60.0  # seconds that a scraper may take
_LOOPBACK = re.compile(r"127\.|::1$|::ffff:127\.")


async def healthz(call: Call) -> web.Response:
    """The process answers."""
    return web.Response(text="ok\n")


async def readyz(call: Call) -> web.Response:
    """The store takes what is measured."""
    trouble = call.site.monitor.store.trouble
    if trouble:
        raise Problem(503, trouble)
    return web.Response(text="ready\n")


async def metrics(call: Call) -> web.StreamResponse:
    """All guests' figures and the daemon's own."""
    site = call.site  # what follows goes in steps: nobody waits while a thousand guests are told of
    exposition = _exposition(call.request)
    itself.add_process(exposition)
    itself.add_monitor(exposition, site.monitor)
    _add_polling(exposition, site)
    targets = site.targets()
    site.pages.keep({target.identity for target in targets})
    made = 0
    for number, target in enumerate(targets):
        made += site.pages.ready(target.identity, target.name) is None
        exposition.add_lines(site.pages.of(target.identity, target.name))
        if made >= STEP or number % 64 == 63:
            made = 0
            await asyncio.sleep(0)
    return await _streamed(call.request, exposition)


async def _streamed(request: web.Request, exposition: Exposition) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": _kind(request)})
    if not _LOOPBACK.match(request.remote or ""):
        answer.enable_compression()  # over a network it is worth the work
    try:
        async with asyncio.timeout(PATIENCE):
            await answer.prepare(request)
            for piece in exposition.pieces():
                await answer.write(piece)
            await answer.write_eof()
    except (ConnectionError, TimeoutError):
        if request.transport is not None:
            request.transport.abort()  # a part must not be taken for the whole
    return answer


async def guest_metrics(call: Call) -> web.Response:
    """One guest's figures as node_exporter would tell them inside it."""
    identity = call.site.find(param(call, "guest")).identity
    exposition = _exposition(call.request)
    exposition.add_guest(call.site.monitor.store.latest(identity), _now())
    return _text(call.request, exposition.text())


async def service_discovery(call: Call) -> web.Response:
    """Targets for Prometheus' http_sd."""
    watched = [(target.identity, target.name) for target in call.site.targets()]
    return web.Response(text=targets(watched, call.request.host), content_type="application/json")


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
    return web.Response(body=text.encode("utf-8", "replace"), headers={"Content-Type": _kind(request)})


def _kind(request: web.Request) -> str:
    return OPENMETRICS if wants_openmetrics(request.headers.get("Accept", "")) else CLASSIC


def _now() -> int:
    return round(time.time() * 1000)

"""`/api/v1/events`: server-sent events, and the duty that makes them."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from guestwire import __version__
from guestwire.web.alerts import shape
from guestwire.web.host import look
from guestwire.web.problems import Problem
from guestwire.web.routes import Call
from guestwire.web.shapes import Row, Text

if TYPE_CHECKING:
    from guestwire.web.site import Site

_log = logging.getLogger(__name__)
EVERY = 1.0  # seconds between two looks at what has changed
HOST_EVERY = 5.0
AWAKE = 15.0  # seconds after which a comment keeps proxies from giving up
PATIENCE = 30.0  # seconds that a page may take to read what was sent
CLIENTS = 500
_encode = msgspec.json.encode
Seen = dict[tuple[str, str, object], tuple[object, ...]]
"""What was last told of each alert."""


class EventsQuery(Struct, forbid_unknown_fields=True):
    """`guest` also asks for the ticks of these guests (identity or name); `topics` of guests, alerts, host."""

    guest: Annotated[list[Text], Meta(max_length=16)] = []
    topics: Annotated[str, Meta(pattern="^((guests|alerts|host)(,|$))*$", max_length=64)] = "guests,alerts"


class Rows(Struct, omit_defaults=False):
    """The event `guests`."""

    guests: list[Row]
    gone: list[str]
    time: float


async def events(call: Call) -> web.StreamResponse:
    """Live changes as server-sent events."""
    asked: EventsQuery = call.query
    site, hub = call.site, call.site.hub
    if hub.clients >= CLIENTS:
        raise Problem(503, f"{CLIENTS} pages are open already", headers={"Retry-After": "10"})
    guests = frozenset(site.find(wanted).identity for wanted in asked.guest)
    topics = frozenset(filter(None, asked.topics.split(",")))
    answer = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
    for guest in guests:
        hub.watched[guest] = hub.watched.get(guest, 0) + 1
    hub.clients += 1
    try:
        await answer.prepare(call.request)
        await _follow(call, answer, topics, guests)
    except ConnectionError:
        pass  # it was closed
    except TimeoutError:
        hub.dropped += 1
    finally:
        hub.clients -= 1
        for guest in guests:
            hub.watched[guest] -= 1
            if not hub.watched[guest]:
                del hub.watched[guest]
    return answer


async def _follow(
    call: Call, answer: web.StreamResponse, topics: frozenset[str], guests: frozenset[str]
) -> None:
    site, hub = call.site, call.site.hub
    last_id = call.request.headers.get("Last-Event-ID", "")
    checked = time.monotonic()
    hello = {"boot": hub.boot, "time": time.time(), "version": __version__}
    await _send(answer, b"retry: 2000\nevent: hello\ndata: %s\n\n" % _encode(hello))
    place = hub.place(last_id) if last_id else hub.last
    if place is None:
        place = hub.last
        await _send(answer, _reset(site))
    while not hub.closed:
        news = await hub.news(place, AWAKE)
        if time.monotonic() - checked >= AWAKE:
            checked = time.monotonic()
            if not call.still_allowed():
                return
        if not news:
            await _send(answer, b":\n\n")
        elif not hub.reaches(place):
            hub.dropped += 1
            place = hub.last
            await _send(answer, _reset(site))
        else:
            frames, place = hub.after(place, topics, guests), hub.last
            if frames:
                await _send(answer, frames)


def _reset(site: Site) -> bytes:
    return b"id: %s-%d\nevent: reset\ndata: {}\n\n" % (site.hub.boot.encode(), site.hub.last)


async def _send(answer: web.StreamResponse, data: bytes) -> None:
    async with asyncio.timeout(PATIENCE):
        await answer.write(data)


async def duty(site: Site) -> None:
    """Publish what changes, until cancelled. While no page is open nothing is computed, only remembered."""
    alerts: Seen = {}
    known: set[str] = set()
    told = 0.0
    with suppress(asyncio.CancelledError):
        while True:
            await asyncio.sleep(EVERY)
            if not site.hub.clients:
                site.overview.keep({target.identity for target in site.targets()})
                continue
            try:
                known = _publish_rows(site, known)
                alerts = _publish_alerts(site, alerts)
                if time.monotonic() - told >= HOST_EVERY:
                    told = time.monotonic()
                    site.hub.publish("host", _encode(await look(site)), topic="host")
            except Exception:
                _log.exception("live pages: one look failed")


def _publish_rows(site: Site, known: set[str]) -> set[str]:
    overview = site.overview
    targets = {target.identity: target for target in site.targets()}
    overview.keep(set(targets))
    changed = overview.changed & targets.keys() | (targets.keys() - known if known else set())
    gone = known - targets.keys()
    overview.changed = set()
    if changed or gone:
        rows = [overview.row(targets[identity], sparks=False) for identity in sorted(changed)]
        site.hub.publish("guests", _encode(Rows(rows, sorted(gone), time.time())), topic="guests")
    return set(targets)


def _publish_alerts(site: Site, before: Seen) -> Seen:
    now: Seen = {}
    changed = []
    counts = {"critical": 0, "warning": 0, "info": 0}
    for identity, alert in site.monitor.engine.owned():
        key = (alert.rule, identity, alert.labels)
        now[key] = (alert.state, alert.since, alert.stale)
        counts[alert.severity] += alert.state == "firing"
        if before.get(key) != now[key]:
            changed.append(shape(site, identity, alert))
    if changed or now.keys() != before.keys():
        site.hub.publish("alerts", _encode({"changed": changed, "counts": counts}), topic="alerts")
        site.overview.changed.update(one.guest_id for one in changed)
    return now

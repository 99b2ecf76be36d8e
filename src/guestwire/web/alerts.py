"""`/api/v1/alerts`, `/silences` and `/rules`."""

from __future__ import annotations

import asyncio
import math
import sqlite3
import time
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta, Struct

from guestwire.monitor.rules import memory, pattern
from guestwire.monitor.rules.nodes import Matcher
from guestwire.web.paging import offset, page
from guestwire.web.problems import Problem
from guestwire.web.routes import Call, param
from guestwire.web.shapes import Alert, Cursor, Limit, Point, Severity, Text

if TYPE_CHECKING:
    from guestwire.monitor.rules.silences import Silence
    from guestwire.monitor.rules.state import Alert as Found
    from guestwire.web.site import Site

SILENCES = 500  # that may be there at once
_YEAR = 366 * 86400.0


class AlertsQuery(Struct, forbid_unknown_fields=True):
    """`guest` is an identity or a name."""

    state: Literal["pending", "firing", "resolved"] | None = None
    severity: Severity | None = None
    guest: Text = ""
    limit: Limit = 500
    cursor: Cursor = ""


class AlertsPage(Struct):
    """Alerts, firing first; `errors` has the rules that cannot be judged."""

    alerts: list[Alert]
    total: int
    next: str | None
    errors: dict[str, str]


class HistoryQuery(Struct, forbid_unknown_fields=True):
    """`guest` is an identity or a name; `start` and `end` in seconds since the epoch."""

    guest: Text = ""
    rule: Text = ""
    start: Point | None = None
    end: Point | None = None
    limit: Limit = 100
    cursor: Cursor = ""


class PastAlert(Struct, kw_only=True):
    """An alert that began to fire, or ended."""

    at: float
    rule: str
    guest: str
    guest_id: str
    state: str
    severity: str
    labels: dict[str, str]
    value: float | None
    summary: str


class HistoryPage(Struct):
    """A page of the history."""

    history: list[PastAlert]
    next: str | None


class MatcherShape(Struct):
    """A label and what its value must be; `=~` and `!~` take regular expressions that match whole values."""

    label: Annotated[str, Meta(pattern="^[a-zA-Z_][a-zA-Z0-9_]*$", max_length=128)]
    op: Literal["=", "!=", "=~", "!~"]
    value: Text


class SilenceShape(Struct):
    """No notification for alerts that fit all matchers, from `starts` to `ends`."""

    id: int
    matchers: list[MatcherShape]
    starts: float
    ends: float
    author: str
    comment: str
    active: bool


class SilenceList(Struct):
    """The silences that have not ended."""

    silences: list[SilenceShape]


class NewSilence(Struct, forbid_unknown_fields=True):
    """It begins now if `starts` is not given, and ends at `ends` or after `duration_seconds`."""

    matchers: Annotated[list[MatcherShape], Meta(min_length=1, max_length=16)]
    comment: Annotated[str, Meta(max_length=1000)] = ""
    starts: Point | None = None
    ends: Point | None = None
    duration_seconds: Annotated[float, Meta(ge=1, le=_YEAR)] | None = None


class RuleShape(Struct):
    """An alert rule."""

    name: str
    expression: str
    hold_seconds: float
    severity: Severity
    error: str | None


class RuleList(Struct):
    """The rules that are watched."""

    rules: list[RuleShape]


async def alerts(call: Call) -> AlertsPage:
    """Every alert, pending, firing or lately resolved."""
    asked: AlertsQuery = call.query
    site = call.site
    identity = site.find(asked.guest).identity if asked.guest else None
    found = [
        shape(site, owner, alert)
        for owner, alert in site.monitor.engine.owned()
        if identity in (None, owner)
        and asked.state in (None, alert.state)
        and asked.severity in (None, alert.severity)
    ]
    found.sort(key=lambda one: (_ORDER[one.state], _ORDER[one.severity], -one.since, one.rule, one.guest))
    shown, following = page(found, asked.cursor, asked.limit)
    return AlertsPage(shown, len(found), following, dict(site.monitor.engine.errors))


_ORDER = {"firing": 0, "pending": 1, "resolved": 2, "critical": 0, "warning": 1, "info": 2}


def alerts_of(site: Site, identity: str) -> list[Alert]:
    """A guest's alerts."""
    return [shape(site, identity, alert) for alert in site.overview.alerts(identity)]


def shape(site: Site, identity: str, alert: Found) -> Alert:
    """An alert as it is answered."""
    labels, now = alert.all_labels(), time.time()
    return Alert(
        rule=alert.rule,
        guest=alert.guest,
        guest_id=identity,
        state=alert.state.value,
        severity=alert.severity,  # type: ignore[arg-type]  # the loader admits no other
        since=alert.since,
        value=alert.value if math.isfinite(alert.value) else None,
        labels=labels,
        summary=alert.summary,
        description=alert.description,
        stale=alert.stale,
        silenced_by=[one.id for one in site.overview.silences() if one.covers(labels, now)],
    )


async def alert_history(call: Call) -> HistoryPage:
    """What fired and ended, the newest first."""
    asked: HistoryQuery = call.query
    if asked.start is not None and asked.end is not None and asked.start >= asked.end:
        raise Problem(400, "start must be before end", where="start")
    site = call.site
    wanted = memory.HistoryQuery(
        start=asked.start or 0.0,
        end=1e11 if asked.end is None else asked.end,
        guest=site.find(asked.guest).identity if asked.guest else "",
        rule=asked.rule,
        before=offset(asked.cursor),
        limit=asked.limit + 1,
    )
    found = await asyncio.to_thread(_history, site, wanted)
    known = site.monitor.store.registry.guests
    shown = [
        PastAlert(
            at=one.at,
            rule=one.rule,
            guest=known[one.guest].name if one.guest in known else one.guest,
            guest_id=one.guest,
            state=one.state,
            severity=one.severity,
            labels=one.labels,
            value=one.value if math.isfinite(one.value) else None,
            summary=one.summary,
        )
        for one in found[: asked.limit]
    ]
    return HistoryPage(shown, str(found[asked.limit - 1].id) if len(found) > asked.limit else None)


def _history(site: Site, wanted: memory.HistoryQuery) -> list[memory.Past]:
    with site.monitor.store.disk:
        return memory.history(site.monitor.store, wanted)


async def silences(call: Call) -> SilenceList:
    """The silences that have not ended."""
    call.site.overview.look_again()
    return SilenceList([_silence(one) for one in call.site.overview.silences()])


async def add_silence(call: Call) -> SilenceShape:
    """Keep alerts quiet for a while."""
    asked: NewSilence = call.body
    now = time.time()
    starts = now if asked.starts is None else asked.starts
    if (asked.ends is None) == (asked.duration_seconds is None):
        raise Problem(422, "give one of ends and duration_seconds", where="ends")
    ends = starts + asked.duration_seconds if asked.duration_seconds is not None else asked.ends or 0.0
    if not max(starts, now) < ends <= now + _YEAR:
        raise Problem(422, "a silence ends in the future, after it starts, within a year", where="ends")
    for index, matcher in enumerate(asked.matchers):
        if matcher.op[-1] == "~":
            try:
                pattern.compiled(matcher.value)
            except ValueError as error:
                raise Problem(
                    422, f"no regular expression: {error}", where=f"matchers[{index}].value"
                ) from None
    if len(call.site.overview.silences()) >= SILENCES:
        raise Problem(409, f"there are {SILENCES} silences already; end some")
    matchers = [Matcher(one.label, one.op, one.value) for one in asked.matchers]
    store = call.site.monitor.store
    try:
        number = await asyncio.to_thread(
            memory.add_silence, store, matchers, starts, ends, author=call.who, comment=asked.comment
        )
    except sqlite3.Error as error:
        raise Problem(503, f"the store takes nothing: {error}") from None
    _changed(call.site)
    active = starts <= now
    return SilenceShape(number, asked.matchers, starts, ends, call.who, asked.comment, active)


async def end_silence(call: Call) -> None:
    """End a silence now."""
    text = param(call, "silence")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
    try:
        ended = await asyncio.to_thread(memory.end_silence, call.site.monitor.store, number, time.time())
    except sqlite3.Error as error:
        raise Problem(503, f"the store takes nothing: {error}") from None
    if not ended:
        raise Problem(404, "there is no such silence, or it has ended")
    _changed(call.site)


async def rules(call: Call) -> RuleList:
    """The alert rules."""
    engine = call.site.monitor.engine
    return RuleList(
        [
            RuleShape(rule.name, rule.expr.strip(), rule.hold, rule.severity, engine.errors.get(rule.name))  # type: ignore[arg-type]
            for rule in engine.rules.values()
        ]
    )


def _silence(one: Silence) -> SilenceShape:
    matchers = [MatcherShape(m.label, m.op, m.value) for m in one.matchers]  # type: ignore[arg-type]
    active = one.starts <= time.time() < one.ends
    return SilenceShape(one.id, matchers, one.starts, one.ends, one.author, one.comment, active)


def _changed(site: Site) -> None:
    site.overview.look_again()
    site.hub.publish("silences", b"{}", topic="alerts")

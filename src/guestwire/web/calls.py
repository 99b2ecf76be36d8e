"""`/api/v1/calls`: who did what in which guest, from the broker's audit log."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import Any

from msgspec import Struct

from guestwire.broker.audit import tail
from guestwire.monitor.samples import clean_text
from guestwire.web.paging import offset, page
from guestwire.web.problems import Problem
from guestwire.web.routes import Call, param
from guestwire.web.shapes import Cursor, Limit

FURTHEST = 10_000  # calls back that a page may begin
ARGUMENTS = 1000  # characters


class CallsQuery(Struct, forbid_unknown_fields=True):
    """A page of calls."""

    limit: Limit = 100
    cursor: Cursor = ""


class LoggedCall(Struct, kw_only=True):
    """A command that somebody had a guest run; secrets and contents are not in `arguments`, which is JSON."""

    at: float | None
    guest: str
    who: str
    command: str
    arguments: str
    outcome: str
    error: str | None
    seconds: float | None


class CallsPage(Struct):
    """A page of calls, the newest first."""

    calls: list[LoggedCall]
    next: str | None


async def calls(call: Call) -> CallsPage:
    """What was done in all guests."""
    return await _page(call, None)


async def guest_calls(call: Call) -> CallsPage:
    """What was done in a guest."""
    return await _page(call, call.site.find(param(call, "guest")).name)


async def _page(call: Call, guest: str | None) -> CallsPage:
    asked: CallsQuery = call.query
    path = call.site.audit
    if path is None:
        return CallsPage([], None)
    wanted = offset(asked.cursor) + asked.limit + 1
    if wanted > FURTHEST:
        raise Problem(404, f"only the last {FURTHEST} calls are listed; `guestwire audit` reads the rest")
    try:
        records = await asyncio.to_thread(tail, path, guest=guest, limit=wanted)
    except OSError as error:
        raise Problem(503, f"cannot read the audit log: {error.strerror}") from None
    shown, following = page([_shape(record) for record in records], asked.cursor, asked.limit)
    return CallsPage(shown, following)


def _shape(record: dict[str, Any]) -> LoggedCall:
    who = record.get("who") if isinstance(record.get("who"), dict) else {}
    assert isinstance(who, dict)
    seconds = record.get("ms")
    good = record.get("result") == "ok"
    desc = clean_text(str(record.get("desc", "")), 500)
    denied = "denied by the broker" in desc
    return LoggedCall(
        at=_time(record.get("time")),
        guest=clean_text(str(record.get("guest", "")), 256),
        who=clean_text(str(who.get("name") or f"uid {who.get('uid', '?')}"), 128),
        command=clean_text(str(record.get("command", "")), 128),
        arguments=clean_text(json.dumps(record.get("arguments", {}), ensure_ascii=False), ARGUMENTS),
        outcome="ok" if good else "denied" if denied else "error",
        error=None if good else desc,
        seconds=seconds / 1000 if isinstance(seconds, int | float) else None,
    )


def _time(text: Any) -> float | None:
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except ValueError:
        return None

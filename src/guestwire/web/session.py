"""`/api/v1/session`: who is logged in, and logging in and out."""

from __future__ import annotations

import asyncio
import logging
from typing import Annotated, Literal

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from guestwire import __version__
from guestwire.monitor.samples import clean_text
from guestwire.web.callers import COOKIE
from guestwire.web.limits import network_of
from guestwire.web.passwords import fits
from guestwire.web.problems import Problem
from guestwire.web.proxy import client_of, is_encrypted
from guestwire.web.roles import Role
from guestwire.web.routes import Call, Caller

_log = logging.getLogger(__name__)
_MAY = {
    Role.VIEWER: ["read"],
    Role.OPERATOR: ["read", "silence", "work"],
    Role.ADMIN: ["read", "silence", "work", "power"],
}


class SessionState(Struct):
    """`csrf` goes into the header X-CSRF-Token of every request that changes something; `may` is what is allowed."""

    login_required: bool
    user: str | None
    role: Literal["viewer", "operator", "admin"] | None
    csrf: str | None
    version: str
    may: list[Literal["read", "silence", "work", "power"]]


class NewSession(Struct, forbid_unknown_fields=True):
    """A user's name and password."""

    user: Annotated[str, Meta(min_length=1, max_length=64)]
    password: Annotated[str, Meta(max_length=1024)]


async def session(call: Call) -> SessionState:
    """Who asks, and what they may do."""
    return _state(call, call.caller)


async def log_in(call: Call) -> web.Response:
    """Log in."""
    asked: NewSession = call.body
    site, network = call.site, network_of(client_of(call.request, call.site.settings))
    site.login_limit.take(network, "logins from this address")
    site.login_limit.take(f"user {asked.user}", "logins of this user")
    user = site.settings.users.get(asked.user)
    right = bool(site.settings.users) and await asyncio.to_thread(
        fits, asked.password, user.password if user else None
    )
    if not right or user is None:
        _log.warning("login of %r from %s refused", clean_text(asked.user, 64), network)
        raise Problem(401, "no such user, or a wrong password")
    site.login_limit.give_back(network)
    site.login_limit.give_back(f"user {asked.user}")
    secret, caller = site.logins.begin(asked.user)
    _log.info("login of %r from %s", clean_text(asked.user, 64), network)
    answer = web.Response(body=msgspec.json.encode(_state(call, caller)), content_type="application/json")
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=round(site.settings.login_hours * 3600),
        path="/",
        secure=is_encrypted(call.request, site.settings),
        httponly=True,
        samesite="Strict",
    )
    return answer


async def log_out(call: Call) -> web.Response:
    """Log out."""
    secret = call.request.cookies.get(COOKIE)
    if secret:
        call.site.logins.end(secret)
    answer = web.Response(status=204)
    answer.del_cookie(COOKIE, path="/")
    return answer


def _state(call: Call, caller: Caller | None) -> SessionState:
    csrf = caller.csrf if caller else call.site.csrf
    role = caller.role if caller else None
    return SessionState(
        call.site.settings.login_required,
        caller.name if caller else None,
        role.name.lower() if role else None,  # type: ignore[arg-type]
        csrf,
        __version__,
        _MAY[role] if role else [],  # type: ignore[arg-type]
    )

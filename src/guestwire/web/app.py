"""The HTTP side of the daemon: who may ask, how errors look, and which path is answered by what.

On loopback nobody logs in; a token, where one is set, is asked of everyone. The Host header must be an address,
`localhost` or a name that the configuration lists: a web page elsewhere cannot then read guests through a
visitor's browser by pointing its own name at this machine.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from guestwire.monitor.poller import Poller
    from guestwire.monitor.watch import Monitor

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_OPEN = ("/healthz", "/readyz")


@dataclass(frozen=True, slots=True)
class Site:
    """What requests are answered from, and who may make them."""

    monitor: Monitor
    poller: Poller
    token: str = ""
    hosts: tuple[str, ...] = ()


SITE: web.AppKey[Site] = web.AppKey("site")


class Problem(Exception):
    """An answer that is an error: RFC 9457's problem+json."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail

    def response(self) -> web.Response:
        """The answer."""
        body = {"title": HTTPStatus(self.status).phrase, "status": self.status, "detail": self.detail}
        answer = web.Response(
            status=self.status, text=json.dumps(body), content_type="application/problem+json"
        )
        if self.status == HTTPStatus.UNAUTHORIZED:
            answer.headers["WWW-Authenticate"] = "Bearer"
        return answer


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address to listen on."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def make_app(site: Site) -> web.Application:
    """The application."""
    from guestwire.web import api

    app = web.Application(middlewares=[_guard], client_max_size=64 << 10)
    app[SITE] = site
    app.add_routes(api.ROUTES)
    return app


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    site = request.app[SITE]
    try:
        _check_host(request.headers.get("Host", ""), site)
        if site.token and request.path not in _OPEN:
            _check_token(request.headers.get("Authorization", ""), site)
        answer = await handler(request)
    except Problem as problem:
        answer = problem.response()
    except web.HTTPException as error:
        answer = Problem(error.status, f"{request.method} {request.path}: {error.reason}").response()
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _check_host(header: str, site: Site) -> None:
    host = header[1:].partition("]")[0] if header.startswith("[") else header.partition(":")[0]
    if host.lower() == "localhost" or host in site.hosts:
        return
    try:
        ipaddress.ip_address(host)
    except ValueError:
        raise Problem(421, f"Host {host!r} is not this server; list it under hosts") from None


def _check_token(header: str, site: Site) -> None:
    scheme, _, token = header.partition(" ")
    same = hmac.compare_digest(token.strip().encode(), site.token.encode())
    if scheme.lower() != "bearer" or not same:
        raise Problem(401, "send the token: Authorization: Bearer TOKEN")

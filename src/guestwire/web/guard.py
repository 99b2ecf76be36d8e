"""The guard in front of every request: which Host, who asks, whether a browser was tricked into asking, how often.

The Host header must be an address, `localhost` or a name that the configuration lists: a web page elsewhere cannot
then read guests through a visitor's browser by pointing its own name at this machine.
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import web

from guestwire.web import pages
from guestwire.web.callers import Callers
from guestwire.web.limits import Limit, network_of
from guestwire.web.problems import Problem
from guestwire.web.proxy import client_of, is_encrypted
from guestwire.web.routes import Caller, Route

if TYPE_CHECKING:
    from guestwire.web.site import Site

_log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
RATE, BURST = 100.0, 1000.0  # requests of one address
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


class Guard:
    """Who may pass."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._callers = Callers(site)
        self._limit = Limit(RATE, BURST)

    def middleware(self) -> Any:
        """What stands around every handler, as aiohttp takes it."""

        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._around(request, handler)

        return guarded

    async def _around(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            self._check_host(request.headers.get("Host", ""))
            self._limit.take(network_of(client_of(request, self._site.settings)), "requests")
            answer = await handler(request)
        except Problem as problem:
            answer = problem.response()
        except web.HTTPException as error:
            answer = _refused(request, error)
        except ConnectionError:
            answer = Problem(400, "the connection broke").response()  # nobody reads it
        except Exception:
            _log.exception("%s %r", request.method, request.path[:200])
            answer = Problem(500, "this is a fault of guestwire; its log says more").response()
        return answer

    async def dress(self, request: web.Request, answer: web.StreamResponse) -> None:
        """The headers of every answer, put on when it goes out: streams have begun before their handler returns."""
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        if is_encrypted(request, self._site.settings):
            answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")

    def caller(self, request: web.Request, route: Route) -> Caller | None:
        """Who asks. Raises Problem when they may not."""
        caller = self._callers.of(request)
        if route.role is not None:
            if caller is None:
                raise Problem(401, "log in, or send a token: Authorization: Bearer TOKEN")
            if caller.role < route.role:
                needed, has = route.role.name.lower(), caller.role.name.lower()
                raise Problem(403, f"this needs the role {needed}; {caller.name} is {has}")
        if request.method not in SAFE:
            self._check_origin(request, caller)
        return caller

    def _check_origin(self, request: web.Request, caller: Caller | None) -> None:
        """No page of another site makes a browser do something here."""
        if caller is not None and caller.csrf is None:
            return  # a token: no browser sends that by itself
        origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
        if origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("Host", "").lower():
            raise Problem(403, "a page of another site asks for this")
        if site not in (None, "same-origin", "none"):
            raise Problem(403, "a page of another site asks for this")
        browser = origin is not None or site is not None or "Cookie" in request.headers
        wanted = caller.csrf if caller is not None and caller.csrf else self._site.csrf
        given = request.headers.get("X-CSRF-Token", "")
        if browser and not hmac.compare_digest(given.encode(), wanted.encode()):
            raise Problem(403, "send the `csrf` of GET /api/v1/session as X-CSRF-Token")

    def _check_host(self, header: str) -> None:
        host = header[1:].partition("]")[0] if header.startswith("[") else header.partition(":")[0]
        if host.lower() == "localhost" or host.lower() in self._site.settings.hosts:
            return
        try:
            ipaddress.ip_address(host)
        except ValueError:
            raise Problem(421, "the Host header is not this server's; list the name under `hosts`") from None


def _refused(request: web.Request, error: web.HTTPException) -> web.Response:
    """A path that is not there, or that does not take the method."""
    detail, headers = error.reason, {}
    if error.status == 404:
        if request.method in SAFE and "text/html" in request.headers.get("Accept", ""):
            return pages.lost(request)
        detail = "nothing has this address; the API is described at /api/v1/openapi.json"
    if "Allow" in error.headers:
        headers["Allow"] = error.headers["Allow"]
        detail = f"this takes {headers['Allow'].replace(',', ', ')}"
    return Problem(error.status, detail, headers=headers).response()

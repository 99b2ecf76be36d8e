"""The guard in front of every request: which Host, who asks, and the headers that keep browsers careful.

The Host header must be an address, `localhost` or a name that the configuration lists: a web page elsewhere cannot
then read guests through a visitor's browser by pointing its own name at this machine.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from guestwire.web.problems import Problem
from guestwire.web.routes import Caller, Role, Route

if TYPE_CHECKING:
    from guestwire.web.site import Site

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

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

    def middleware(self) -> Any:
        """What stands around every handler, as aiohttp takes it."""

        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._around(request, handler)

        return guarded

    async def _around(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            self._check_host(request.headers.get("Host", ""))
            answer = await handler(request)
        except Problem as problem:
            answer = problem.response()
        except web.HTTPException as error:
            answer = Problem(error.status, f"{error.reason}", headers=_allow(error)).response()
        if not answer.prepared:
            for name, value in HEADERS.items():
                answer.headers.setdefault(name, value)
        return answer

    def caller(self, request: web.Request, route: Route) -> Caller | None:
        """Who asks. Raises Problem when they may not."""
        if route.role is None:
            return None
        settings = self._site.settings
        if settings.token:
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            same = hmac.compare_digest(token.strip().encode(), settings.token.encode())
            if scheme.lower() != "bearer" or not same:
                raise Problem(401, "send the token: Authorization: Bearer TOKEN")
        return Caller("local", Role.ADMIN)

    def _check_host(self, header: str) -> None:
        host = header[1:].partition("]")[0] if header.startswith("[") else header.partition(":")[0]
        if host.lower() == "localhost" or host in self._site.settings.hosts:
            return
        try:
            ipaddress.ip_address(host)
        except ValueError:
            raise Problem(421, "the Host header is not this server's; list the name under `hosts`") from None


def _allow(error: web.HTTPException) -> dict[str, str]:
    return {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}

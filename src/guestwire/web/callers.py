"""Who makes a request: a token, a login, or a user of this machine where nobody has to log in."""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from guestwire.web.limits import Limit, network_of
from guestwire.web.peer import user_of
from guestwire.web.problems import Problem
from guestwire.web.proxy import client_of
from guestwire.web.roles import ROLES, Role
from guestwire.web.routes import Caller
from guestwire.web.settings import OWNER

if TYPE_CHECKING:
    from asyncio import Transport

    from aiohttp import web

    from guestwire.web.site import Site

COOKIE = "guestwire"
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


class Callers:
    """Knows them all."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._wrong = Limit(0.2, 20)  # wrong tokens of one address
        self._peers: WeakKeyDictionary[Transport, int | None] = WeakKeyDictionary()

    def of(self, request: web.Request) -> Caller | None:
        """Who asks; None for nobody known. Raises Problem 401 for a wrong token."""
        authorization = request.headers.get("Authorization")
        if authorization is not None:
            return self._token(authorization, network_of(client_of(request, self._site.settings)))
        secret = request.cookies.get(COOKIE)
        if secret:
            caller = self._site.logins.find(secret[:200])
            if caller is not None:
                return caller
        return None if self._site.settings.login_required else self._local(request)

    def _token(self, header: str, network: str) -> Caller:
        scheme, _, token = header.partition(" ")
        digest = hashlib.sha256(token.strip().encode("utf-8", "surrogateescape")).hexdigest()
        found = None
        for name, one in self._site.settings.tokens.items():
            if hmac.compare_digest(one.sha256, digest):
                found = Caller(f"token {name}", one.role)
        if found is None or scheme.lower() != "bearer":
            self._wrong.take(network, "wrong tokens")
            raise Problem(401, "no such token; send Authorization: Bearer TOKEN")
        return found

    def _local(self, request: web.Request) -> Caller:
        """Somebody on this machine: which user, the kernel knows."""
        uid = self._peer(request)
        name = "local" if uid is None else f"local uid {uid}"
        wanted = self._site.settings.local_role
        if wanted != OWNER:
            return Caller(name, ROLES[wanted], self._site.csrf)
        forwarded = any(header in request.headers for header in _FORWARDED)
        owner = uid is not None and uid in (0, os.geteuid()) and not forwarded
        return Caller(name, Role.ADMIN if owner else Role.VIEWER, self._site.csrf)

    def _peer(self, request: web.Request) -> int | None:
        transport = request.transport
        if transport is None:
            return None
        if transport not in self._peers:
            peer, own = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
            self._peers[transport] = user_of(peer, own)
        return self._peers[transport]

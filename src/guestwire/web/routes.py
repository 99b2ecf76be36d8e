"""The route table's parts: a route says who may ask, what is asked and answered, and which function does it.

The same entry drives the server and the OpenAPI document, so that neither can tell what the other does not do.
"""

from __future__ import annotations

import functools
import math
import typing
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from guestwire.web.problems import Problem
from guestwire.web.roles import Role

if TYPE_CHECKING:
    from guestwire.web.site import Site

BODY_LIMIT = 64 << 10  # bytes of a JSON body


@dataclass(slots=True)
class Caller:
    """Who asks. `name` goes into the audit log; `csrf` is None where no browser is at work (a token)."""

    name: str
    role: Role
    csrf: str | None = None


@dataclass(slots=True)
class Call:
    """One request: who asks, and what, already checked."""

    request: web.Request
    site: Site
    caller: Caller | None
    query: Any = None
    body: Any = None
    check: Callable[[], Caller | None] = lambda: None

    def still_allowed(self) -> bool:
        """Whether the caller may still ask this: long answers outlive logins."""
        try:
            self.check()
        except Problem:
            return False
        return True

    @property
    def who(self) -> str:
        """The caller's name."""
        return self.caller.name if self.caller else "nobody"


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Route:
    """One path and method. `answers` is the JSON of the answer (None: no JSON); `role` None: open to anyone."""

    method: str
    path: str
    handler: Handler
    role: Role | None = Role.VIEWER
    query: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | None = None
    answers: type[msgspec.Struct] | None = None
    status: int = 200
    media: str = "application/json"
    raw_body: bool = False  # bytes of any size, read by the handler
    tag: str = "guests"

    @property
    def name(self) -> str:
        """The operation's name."""
        return self.handler.__name__

    def served(self, site: Site, caller_of: Callable[[web.Request, Route], Caller | None]) -> web.RouteDef:
        """The route as aiohttp takes it."""

        async def serve(request: web.Request) -> web.StreamResponse:
            call = Call(request, site, caller_of(request, self))
            call.check = lambda: caller_of(request, self)
            if self.query is not None:
                call.query = read_query(request, self.query)
            elif request.query:
                raise Problem(400, "no parameters are taken here", where=next(iter(request.query)))
            if self.body is not None:
                call.body = await read_body(request, self.body)
            return self._answer(await self.handler(call))

        return web.route(self.method, self.path, serve, name=self.name)

    def _answer(self, result: Any) -> web.StreamResponse:
        if isinstance(result, web.StreamResponse):
            return result
        if result is None:
            return web.Response(status=204)
        answer = web.Response(
            status=self.status, body=msgspec.json.encode(result), content_type="application/json"
        )
        if answer.content_length and answer.content_length > 1024:
            answer.enable_compression()
        return answer


def read_query(request: web.Request, shape: type[msgspec.Struct]) -> Any:
    """The parameters as `shape`. Raises Problem 400."""
    lists = _lists(shape)
    plain: dict[str, Any] = {}
    for key in request.query:
        several = request.query.getall(key)
        is_list = key in lists
        if len(several) > 1 and not is_list:
            raise Problem(400, f"{key} is given {len(several)} times", where=key)
        plain[key] = several if is_list else several[0]
    try:
        found = msgspec.convert(plain, shape, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(400, error) from None
    for key in plain:
        value = getattr(found, key)
        if value is None:  # msgspec reads the word "null" so; a parameter is left out instead
            raise Problem(400, f"{key} must have a value", where=key)
        if isinstance(value, float) and not math.isfinite(value):
            raise Problem(400, f"{key} must be a finite number", where=key)
    return found


@functools.cache
def _lists(shape: type[msgspec.Struct]) -> frozenset[str]:
    """The parameters that may be given several times."""
    hints = typing.get_type_hints(shape)
    return frozenset(key for key, hint in hints.items() if str(hint).startswith("list"))


async def read_body(request: web.Request, shape: type[msgspec.Struct]) -> Any:
    """The JSON body as `shape`. Raises Problem 415, 413, 400 or 422."""
    if request.content_type != "application/json":
        raise Problem(415, "send the body as application/json")
    data = await request.content.read(BODY_LIMIT + 1)
    while not request.content.at_eof() and len(data) <= BODY_LIMIT:
        data += await request.content.read(BODY_LIMIT + 1 - len(data))
    if len(data) > BODY_LIMIT:
        raise Problem(413, f"a body has at most {BODY_LIMIT} bytes")
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as error:
        raise _invalid(422, error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Problem(400, "the body is no JSON") from None


def _invalid(status: int, error: msgspec.ValidationError) -> Problem:
    text, _, where = str(error).partition(" - at `")
    return Problem(status, text, where=where.rstrip("`").removeprefix("$.") or None)


def param(call: Call, name: str) -> str:
    """A part of the path."""
    return call.request.match_info[name]

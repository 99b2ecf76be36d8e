"""`/api/v1/openapi.json`: the OpenAPI document, made of the route table and the types it names."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from typing import Any

import msgspec
from aiohttp import web

from guestwire import __version__
from guestwire.web.problems import ProblemBody
from guestwire.web.roles import Role
from guestwire.web.routes import Call, Route

_REFERENCE = "#/components/schemas/{name}"
_ERRORS = {
    "400": "A parameter or the body is not as described.",
    "401": "Nobody is logged in.",
    "403": "The caller may not do this.",
    "404": "There is no such thing.",
    "409": "It cannot be done now.",
    "413": "The body is too long.",
    "415": "The body is not JSON.",
    "421": "The Host header is not this server's.",
    "422": "The body is not as described.",
    "429": "Too many requests.",
    "502": "The guest's agent answered with an error.",
    "503": "The daemon cannot do it now.",
    "504": "The guest does not answer.",
}


async def document(call: Call) -> web.Response:
    """This document."""
    from guestwire.web.table import ROUTES  # the table names this function

    return web.Response(body=msgspec.json.encode(describe(ROUTES)), content_type="application/json")


def describe(routes: Iterable[Route]) -> dict[str, Any]:
    """The document as plain values."""
    routes = list(routes)
    shapes = [shape for route in routes for shape in (route.query, route.body, route.answers) if shape]
    _, components = msgspec.json.schema_components([*shapes, ProblemBody], ref_template=_REFERENCE)
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, components)
    queries = {route.query.__name__ for route in routes if route.query}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "guestwire",
            "version": __version__,
            "description": "Guests seen from inside, and work on them. Times are seconds since the epoch; "
            "null is a figure that is not known.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {name: schema for name, schema in components.items() if name not in queries},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "login": {"type": "apiKey", "in": "cookie", "name": "guestwire"},
            },
        },
    }


def _operation(route: Route, components: dict[str, Any]) -> dict[str, Any]:
    summary, _, rest = (inspect.getdoc(route.handler) or "").partition("\n\n")
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": " ".join(summary.split()),
        "tags": [route.tag],
        "parameters": _parameters(route, components),
        "responses": _responses(route),
        "security": [] if route.role is None else [{"token": []}, {"login": []}],
    }
    if route.role is not None:
        rest = f"{rest}\n\nRole: {Role(route.role).name.lower()}."
    if rest.strip():
        operation["description"] = rest.strip()
    if route.body is not None:
        operation["requestBody"] = _content("application/json", route.body) | {"required": True}
    elif route.raw_body:
        operation["requestBody"] = {"content": {"application/octet-stream": {}}, "required": True}
    return operation


def _parameters(route: Route, components: dict[str, Any]) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"\{(\w+)\}", route.path)
    ]
    if route.query is not None:
        schema = components[route.query.__name__]
        required = schema.get("required", [])
        for name, one in schema["properties"].items():
            found.append({"name": name, "in": "query", "required": name in required, "schema": _plain(one)})
    return found


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is never null: it is left out."""
    some = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    if len(some) == 1:
        rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
        return {**rest, **some[0]}
    return schema


def _responses(route: Route) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": {"$ref": _REFERENCE.format(name="ProblemBody")}}}
    found: dict[str, Any] = {str(route.status): {"description": "Done."}}
    if route.answers is not None:
        found[str(route.status)] |= _content(route.media, route.answers)
    elif route.status != 204:
        found[str(route.status)]["content"] = {route.media: {}}
    for status, text in _ERRORS.items():
        found[status] = {"description": text, "content": problem}
    return found


def _content(media: str, shape: type[msgspec.Struct]) -> dict[str, Any]:
    return {"content": {media: {"schema": {"$ref": _REFERENCE.format(name=shape.__name__)}}}}

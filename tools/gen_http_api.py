"""Writes docs/reference/http-api.md from the route table."""

from __future__ import annotations

import inspect
import textwrap
from typing import TYPE_CHECKING

from generated import main
from guestwire.web.openapi import describe
from guestwire.web.roles import Role
from guestwire.web.table import ROUTES

if TYPE_CHECKING:
    from guestwire.web.routes import Route

HEAD = """# HTTP API

Made from the route table; do not edit. The daemon answers the same as an OpenAPI document under
`/api/v1/openapi.json`: types of all members stand there.

- JSON in UTF-8, members with their unit in the name, times in seconds since the epoch. `null` is a figure that is not
  known, never 0; what a guest says is raw text and must be escaped by whoever shows it.
- A guest is named by its identity, or by its name where only one guest has it.
- Errors are `application/problem+json` (RFC 9457).
- Lists come in pages: `next` of an answer is the `cursor` of the next page, `null` at the end.
- The path's `v1` changes when a member changes its meaning or goes away; new members may come at any time.
- Roles include each other: viewer, operator, admin. A path without a role is open to everyone.
"""


def text() -> str:
    """The page."""
    components = describe(ROUTES)["paths"]
    parts = [HEAD]
    for tag in dict.fromkeys(route.tag for route in ROUTES):
        parts.append(f"\n## {tag.capitalize()}\n")
        parts += [_entry(route, components) for route in ROUTES if route.tag == tag]
    return "".join(parts)


def _entry(route: Route, paths: dict) -> str:
    lines = [f"\n### `{route.method} {route.path}`\n", _prose(route.handler.__doc__)]
    if route.role is not None:
        lines[-1] += f" Role: {Role(route.role).name.lower()}."
    lines.append("")
    operation = paths[route.path][route.method.lower()]
    for one in operation["parameters"]:
        if one["in"] == "query":
            lines.append(f"- `{one['name']}` {_kind(one['schema'])}")
    if route.query and _own_doc(route.query):
        lines.append(f"\n{_prose(route.query.__doc__)}")
    for what, shape in (("Body", route.body), ("Answer", route.answers)):
        if shape is not None:
            members = ", ".join(f"`{name}`" for name in shape.__struct_encode_fields__)
            lines.append("\n" + textwrap.fill(f"{what}: {members}. {_prose(shape.__doc__)}", 120))
    return "\n".join(lines).replace("\n\n\n", "\n\n").rstrip() + "\n"


def _own_doc(shape: type) -> bool:
    return bool(shape.__doc__) and not shape.__doc__.startswith(shape.__name__ + "(")


def _prose(doc: str | None) -> str:
    return inspect.cleandoc(doc or "")


def _kind(schema: dict) -> str:
    if "enum" in schema:
        kind = " | ".join(repr(value) for value in schema["enum"] if value != "")
    elif schema.get("type") == "array":
        kind = "may be given several times"
    else:
        kind = schema.get("type") or "string"
    if "minimum" in schema:
        kind += f", {schema['minimum']} to {schema['maximum']}"
    default = schema.get("default")
    return f"({kind}" + (f"; default {default}" if default not in (None, "", []) else "") + ")"


if __name__ == "__main__":
    main("docs/reference/http-api.md", text, code=False)

"""The commands that the package brings along, from `compiled.py` (made by `tools/gen_compiled.py`)."""

from __future__ import annotations

from guestwire.schema import compiled
from guestwire.schema.model import Alternate, Command, Enum, Member, Struct, Variants, holds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from guestwire.schema.model import Definition


def commands(symbols: Iterable[str]) -> dict[str, Command]:
    """Every command that exists under these `CONFIG_...` symbols, by name, in the schema's order."""
    known = frozenset(symbols)
    types = definitions(known)
    found = {}
    for (
        name,
        group,
        arguments,
        returns,
        features,
        success_response,
        allow_oob,
        condition,
    ) in compiled.COMMANDS:
        if holds(condition, known):
            found[name] = Command(
                name,
                group,
                _members(arguments, known),
                returns,
                features,
                success_response=success_response,
                allow_oob=allow_oob,
                types=types,
            )
    return found


def definitions(symbols: frozenset[str]) -> dict[str, Definition]:
    """Every type that exists under these symbols, by name."""
    return {
        name: _definition(kind, name, body, symbols)
        for kind, name, body, condition in compiled.TYPES
        if holds(condition, symbols)
    }


def symbols() -> set[str]:
    """Every word that conditions of this schema name."""
    return {*_symbols(compiled.COMMANDS), *_symbols(compiled.TYPES)}


def _symbols(value: object) -> Iterator[str]:
    if isinstance(value, str) and value.startswith(("CONFIG_", "HAVE_")):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _symbols(part)


def _definition(kind: str, name: str, body: Any, symbols: frozenset[str]) -> Definition:
    if kind == "struct":
        return Struct(name, _members(body, symbols))
    if kind == "enum":
        return Enum(name, [value for value, condition in body if holds(condition, symbols)])
    if kind == "alternate":
        return Alternate(
            name, {branch: type for branch, type, condition in body if holds(condition, symbols)}
        )
    members, discriminator, branches = body
    kept = {branch: type for branch, type, condition in branches if holds(condition, symbols)}
    return Variants(name, _members(members, symbols), discriminator, kept)


def _members(members: Any, symbols: frozenset[str]) -> list[Member]:
    return [
        Member(name, type, optional, features)
        for name, type, optional, features, condition in members
        if holds(condition, symbols)
    ]

"""Schema files to the model: parse, check, and settle the conditions for one platform."""

from __future__ import annotations

import os

from guestwire.schema.check import Checked
from guestwire.schema.model import BUILTINS, Alternate, Command, Enum, Member, Struct, Variants, holds
from guestwire.schema.parser import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from guestwire.schema.define import Defined
    from guestwire.schema.doc import Doc
    from guestwire.schema.model import Definition


class Schema:
    """`commands` and `types` by name, in the order of the files; `docs` has the documentation of both."""

    def __init__(
        self, commands: dict[str, Command], types: dict[str, Definition], docs: dict[str, Doc]
    ) -> None:
        self.commands = commands
        self.types = types
        self.docs = docs


def load(
    paths: Iterable[str],
    symbols: Iterable[str],
    base: Mapping[str, Definition] | None = None,
    taken: Iterable[str] = (),
) -> Schema:
    """Read schema files as one schema. `base` has types that they may use, `taken` commands that exist already.

    SchemaError (`file:line: message`) for the first fault.
    """
    source = Source()
    for path in paths:
        source.read(path)
    return resolve(check(source, base, taken), symbols, base)


def check(source: Source, base: Mapping[str, Definition] | None = None, taken: Iterable[str] = ()) -> Checked:
    """Check what was parsed, against types and commands that exist already."""
    return Checked(source, base, set(taken))


def resolve(checked: Checked, symbols: Iterable[str], base: Mapping[str, Definition] | None = None) -> Schema:
    """Settle the conditions: the schema of one platform."""
    known = frozenset(symbols)
    resolver = _Resolver(checked, known)
    own = {
        name: resolver.type(item) for name, item in resolver.of_kind("enum", "struct", "union", "alternate")
    }
    types = {**(base or {}), **own}
    for definition in checked.definitions.values():
        resolver.check_presence(definition, types)
    commands = {name: resolver.command(item, types) for name, item in resolver.of_kind("command")}
    docs = {name: item.expression.doc for name, item in checked.definitions.items() if item.expression.doc}
    return Schema(commands, own, docs)


def group_of(definition: Defined) -> str:
    """The group of a definition: its file's name without the ending."""
    return os.path.splitext(os.path.basename(definition.expression.file))[0]


class _Resolver:
    def __init__(self, checked: Checked, symbols: frozenset[str]) -> None:
        self._checked = checked
        self._symbols = symbols

    def of_kind(self, *kinds: str) -> list[tuple[str, Defined]]:
        """The definitions of these kinds that exist here."""
        items = self._checked.definitions.items()
        return [(name, d) for name, d in items if d.kind in kinds and holds(d.condition, self._symbols)]

    def type(self, definition: Defined) -> Definition:
        """A type definition."""
        name, body = definition.name, definition.body
        if definition.kind == "enum":
            return Enum(name, [value for value, condition in body if holds(condition, self._symbols)])
        if definition.kind == "alternate":
            return Alternate(name, self._branches(body))
        members = self.members(self._checked.members(definition))
        if definition.kind == "struct":
            return Struct(name, members)
        return Variants(name, members, body[1], self._branches(body[2]))

    def check_presence(self, definition: Defined, types: Mapping[str, Definition]) -> None:
        """SchemaError when a definition that exists here names a type that does not."""
        if definition.kind == "event" or not holds(definition.condition, self._symbols):
            return
        for name, type_name, condition in self._named(definition):
            needed = type_name.strip("[]")
            if holds(condition, self._symbols) and needed not in types and needed not in BUILTINS:
                where = definition.expression
                line = definition.lines.get(name) or where.keys.lines.get(name)
                message = (
                    f"{definition.title} uses type '{needed}', which its 'if' leaves out on this platform"
                )
                raise where.error(message, line)

    def _named(self, definition: Defined) -> list[tuple[str, str, Any]]:
        """Every (member or key, type, condition) that a definition mentions."""
        body = definition.body
        found = [("returns", body[1], None)] if definition.kind == "command" and body[1] else []
        members = body[0] if definition.kind in ("command", "union") else body
        if isinstance(members, str):
            return [*found, ("data", members, None)]
        if definition.kind == "enum":
            return found
        branches = body[2] if definition.kind == "union" else []
        return [*found, *((item[0], item[1], item[-1]) for item in [*members, *branches])]

    def command(self, definition: Defined, types: Mapping[str, Definition]) -> Command:
        """A command; arguments given by a type's name are that type's members."""
        arguments, returns = definition.body
        if isinstance(arguments, str):
            named = types[arguments]
            members = list(named.members) if isinstance(named, (Struct, Variants)) else []
        else:
            members = self.members(arguments)
        keys = definition.expression.keys
        return Command(
            definition.name,
            group_of(definition),
            members,
            returns,
            [name for name, condition in definition.features if holds(condition, self._symbols)],
            success_response=keys.get("success-response", True),
            allow_oob=keys.get("allow-oob", False),
            types=types,
        )

    def members(self, members: list[Any]) -> list[Member]:
        """Members without those that do not exist here."""
        return [
            Member(name, type_name, optional, features)
            for name, type_name, optional, features, condition in members
            if holds(condition, self._symbols)
        ]

    def _branches(self, branches: list[Any]) -> dict[str, str]:
        return {name: type_name for name, type_name, condition in branches if holds(condition, self._symbols)}

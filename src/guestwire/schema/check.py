"""What no expression can know alone: that names are unique, types exist, unions fit their enums, docs their code."""

from __future__ import annotations

from guestwire.schema import docs
from guestwire.schema.alternates import first_clash
from guestwire.schema.define import Defined, define
from guestwire.schema.model import BUILTINS, Enum, Struct, Variants

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

    from guestwire.errors import SchemaError
    from guestwire.schema.model import Definition
    from guestwire.schema.parser import Source

OBJECTS = ("struct", "union")


class Checked:
    """Definitions that fit together; `known` are types from elsewhere that they may name, `taken` other names."""

    def __init__(
        self, source: Source, known: Mapping[str, Definition] | None = None, taken: Collection[str] = ()
    ) -> None:
        self._source = source
        self._known = known or {}
        self.definitions: dict[str, Defined] = {}
        for expression in source.expressions:
            definition = define(expression, source)
            self._refuse_second(definition, taken)
            self.definitions[definition.name] = definition
        for definition in self.definitions.values():
            self._check_base(definition)
        for definition in self.definitions.values():
            getattr(self, f"_check_{definition.kind}")(definition)
            docs.check(definition, self.members, source)

    def kind(self, type_name: str) -> str | None:
        """struct, union, enum, alternate, "builtin", "array", or None when there is no such type."""
        if type_name.startswith("["):
            return "array" if self.kind(type_name[1:-1]) else None
        if type_name in BUILTINS:
            return "builtin"
        definition = self.definitions.get(type_name)
        if definition is not None:
            return definition.kind if definition.kind not in ("command", "event") else None
        known = self._known.get(type_name)
        if known is None:
            return None
        return "union" if isinstance(known, Variants) else type(known).__name__.lower()

    def members(self, definition: Defined) -> list[Any]:
        """The members of a struct, of a union's base, or of a command's data; those of its own base first."""
        body = definition.body if definition.kind in ("struct", "event") else definition.body[0]
        base = definition.base if definition.kind == "struct" else body
        inherited = self._members_of(base) if isinstance(base, str) else []
        return inherited + (body if isinstance(body, list) else [])

    def values(self, enum: str) -> list[str]:
        """The values of an enum."""
        if enum in self.definitions:
            return [value for value, _ in self.definitions[enum].body]
        known = self._known.get(enum)
        return list(known.values) if isinstance(known, Enum) else []

    def _members_of(self, name: str) -> list[Any]:
        if name in self.definitions:
            return self.members(self.definitions[name]) if self.kind(name) in OBJECTS else []
        known = self._known.get(name)
        if not isinstance(known, (Struct, Variants)):
            return []
        return [(m.name, m.type, m.optional, m.features, None) for m in known.members]

    def _fault(self, definition: Defined, message: str, name: str = "") -> SchemaError:
        """At the line of one of the definition's names, of one of its keys, or of itself."""
        lines = definition.expression.keys.lines
        return definition.expression.error(message, definition.lines.get(name) or lines.get(name))

    def _refuse_second(self, definition: Defined, taken: Collection[str]) -> None:
        name = definition.name
        other = self.definitions.get(name)
        if other is not None:
            place = f"{other.expression.file}:{other.expression.line}"
            raise self._fault(definition, f"'{name}' is already defined at {place}")
        if name in self._known or name in taken:
            raise self._fault(definition, f"'{name}' is already defined elsewhere")

    def _check_enum(self, definition: Defined) -> None:
        pass  # its form says it all

    def _check_struct(self, definition: Defined) -> None:
        self._check_members(definition)

    def _check_base(self, definition: Defined) -> None:
        """Each base is a struct, and none is its own."""
        seen = {definition.name}
        current: Defined | None = definition
        while current is not None and current.base is not None:
            if self.kind(current.base) != "struct":
                self._need(current, current.base, f"'base' of {current.title}", "base")
                message = f"'base' of {current.title} needs a struct, not {self._described(current.base)}"
                raise self._fault(current, message, "base")
            if current.base in seen:
                raise self._fault(definition, f"{definition.title} contains itself", "base")
            seen.add(current.base)
            current = self.definitions.get(current.base)

    def _check_union(self, definition: Defined) -> None:
        base, discriminator, branches = definition.body
        if isinstance(base, str) and self.kind(base) != "struct":
            self._need(definition, base, f"'base' of {definition.title}", "base")
            message = f"'base' of {definition.title} needs a struct, not {self._described(base)}"
            raise self._fault(definition, message, "base")
        self._check_members(definition)
        values = self._discriminator_values(definition, discriminator)
        for branch, type_name, _ in branches:
            if branch not in values:
                message = (
                    f"branch '{branch}' of {definition.title} is not a value of its discriminator's enum"
                )
                raise self._fault(definition, message, branch)
            self._need(definition, type_name, f"branch '{branch}' of {definition.title}", branch)
            if self.kind(type_name) != "struct":
                message = f"branch '{branch}' of {definition.title} needs a struct, not {self._described(type_name)}"
                raise self._fault(definition, message, branch)
            self._check_clashes(definition, self._members_of(type_name), self.members(definition), branch)

    def _discriminator_values(self, definition: Defined, name: str) -> list[str]:
        found = next((member for member in self.members(definition) if member[0] == name), None)
        where = f"discriminator '{name}' of {definition.title}"
        if found is None:
            raise self._fault(definition, f"{where} is not a member of 'base'", "discriminator")
        _, type_name, optional, _, condition = found
        if self.kind(type_name) != "enum":
            raise self._fault(definition, f"{where} must be of an enum type", "discriminator")
        if optional or condition is not None:
            raise self._fault(
                definition, f"{where} must be neither optional nor conditional", "discriminator"
            )
        return self.values(type_name)

    def _check_alternate(self, definition: Defined) -> None:
        for branch, type_name, _ in definition.body:
            self._need(definition, type_name, f"branch '{branch}' of {definition.title}", branch)
            if type_name == "any" or self.kind(type_name) == "alternate":
                message = f"branch '{branch}' of {definition.title} cannot be {self._described(type_name)}"
                raise self._fault(definition, message, branch)
        clash = first_clash(definition.body, self.kind, self.values)
        if clash:
            one, other = clash
            message = f"branch '{one}' of {definition.title} can't be told from branch '{other}'"
            raise self._fault(definition, message, one)

    def _check_command(self, definition: Defined) -> None:
        arguments, returns = definition.body
        self._check_arguments(definition, arguments)
        if returns is None:
            return
        self._need(definition, returns, f"'returns' of {definition.title}", "returns")
        excused = definition.name in self._source.pragmas["command-returns-exceptions"]
        if not excused and self.kind(returns.strip("[]")) not in OBJECTS:
            given = self._described(returns)
            message = f"'returns' of {definition.title} must be an object or a list of them, not {given}"
            raise self._fault(definition, message, "returns")

    def _check_event(self, definition: Defined) -> None:
        self._check_arguments(definition, definition.body)

    def _check_arguments(self, definition: Defined, arguments: Any) -> None:
        if isinstance(arguments, list):
            self._check_members(definition)
            return
        self._need(definition, arguments, f"'data' of {definition.title}", "data")
        allowed = OBJECTS if definition.expression.keys.get("boxed") else ("struct",)
        if self.kind(arguments) not in allowed:
            message = f"'data' of {definition.title} needs a {' or '.join(allowed)}, not {self._described(arguments)}"
            raise self._fault(definition, message, "data")

    def _check_members(self, definition: Defined) -> None:
        """The types of its own members exist, and no name is one of its base's."""
        body = definition.body if definition.kind in ("struct", "event") else definition.body[0]
        if not isinstance(body, list):
            return
        for name, type_name, *_ in body:
            self._need(definition, type_name, f"member '{name}' of {definition.title}", name)
        if definition.kind == "struct" and definition.base is not None:
            self._check_clashes(definition, body, self._members_of(definition.base))

    def _check_clashes(self, definition: Defined, new: list[Any], old: list[Any], branch: str = "") -> None:
        taken = {member[0].replace("-", "_") for member in old}
        for name, *_ in new:
            if name.replace("-", "_") in taken:
                what = f"of branch '{branch}' " if branch else ""
                message = f"member '{name}' {what}of {definition.title} collides with its base's"
                raise self._fault(definition, message, branch or name)

    def _need(self, definition: Defined, type_name: str, owner: str, name: str) -> None:
        if self.kind(type_name) is None:
            raise self._fault(definition, f"{owner} uses unknown type '{type_name.strip('[]')}'", name)

    def _described(self, type_name: str) -> str:
        if type_name.startswith("["):
            return f"a list of {self._described(type_name[1:-1])}"
        return f"the {self.kind(type_name)} type '{type_name}'"

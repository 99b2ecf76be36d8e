"""What no expression can know alone: that names are unique, types exist, unions fit their enums, docs their code."""

from __future__ import annotations

from guestwire.errors import SchemaError
from guestwire.schema.define import Defined, define
from guestwire.schema.model import BUILTINS, INTEGERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

    from guestwire.schema.parser import Source

_COMPOSITE = ("struct", "union")


class Checked:
    """Definitions that fit together; `known` are types from elsewhere that they may name (name to kind)."""

    def __init__(
        self, source: Source, known: Mapping[str, str] | None = None, taken: Collection[str] = ()
    ) -> None:
        self._source = source
        self._known = dict(known or {})
        self.definitions: dict[str, Defined] = {}
        for expression in source.expressions:
            definition = define(expression, source)
            if (
                definition.name in self.definitions
                or definition.name in self._known
                or definition.name in taken
            ):
                raise expression.error(f"'{definition.name}' is already defined")
            if definition.name in BUILTINS:
                raise expression.error(f"'{definition.name}' is a built-in type")
            self.definitions[definition.name] = definition
        for definition in self.definitions.values():
            self._check(definition)

    def kind(self, type_name: str) -> str | None:
        """struct, union, enum, alternate, "builtin", "array", or None when there is no such type."""
        if type_name.startswith("["):
            return "array" if self.kind(type_name[1:-1]) else None
        if type_name in BUILTINS:
            return "builtin"
        definition = self.definitions.get(type_name)
        if definition is not None:
            return definition.kind if definition.kind not in ("command", "event") else None
        return self._known.get(type_name)

    def members(self, definition: Defined) -> list[Any]:
        """The members of a struct or of a union's base, those of its own base first."""
        inherited: list[Any] = []
        base = definition.base if definition.kind == "struct" else definition.body[0]
        if isinstance(base, str) and base in self.definitions:
            inherited = self.members(self.definitions[base])
        own = definition.body if definition.kind == "struct" else definition.body[0]
        return inherited + (own if isinstance(own, list) else [])

    def _check(self, definition: Defined) -> None:
        getattr(self, f"_check_{definition.kind}")(definition)
        self._check_doc(definition)

    def _fail(self, definition: Defined, message: str) -> SchemaError:
        return definition.expression.error(message)

    def _check_enum(self, definition: Defined) -> None:
        pass  # its form says it all

    def _check_struct(self, definition: Defined) -> None:
        self._check_base(definition)
        self._check_types(definition, definition.body)
        self._check_clashes(definition, self.members(definition))

    def _check_base(self, definition: Defined) -> None:
        seen = {definition.name}
        current: Defined | None = definition
        while current is not None and current.base is not None:
            if self.kind(current.base) != "struct":
                raise self._fail(
                    definition, f"'base' of {current.title} needs a struct, not '{current.base}'"
                )
            if current.base in seen:
                raise self._fail(definition, f"{definition.title} contains itself")
            seen.add(current.base)
            current = self.definitions.get(current.base)

    def _check_union(self, definition: Defined) -> None:
        base, discriminator, branches = definition.body
        if isinstance(base, str) and self.kind(base) != "struct":
            raise self._fail(definition, f"'base' of {definition.title} needs a struct, not '{base}'")
        members = self.members(definition)
        self._check_types(definition, members)
        found = next((member for member in members if member[0] == discriminator), None)
        if found is None:
            raise self._fail(definition, f"discriminator '{discriminator}' is not a member of 'base'")
        enum = self.definitions.get(found[1])
        if enum is None or enum.kind != "enum":
            raise self._fail(definition, f"discriminator '{discriminator}' must be of enum type")
        if found[2] or found[4] is not None:
            raise self._fail(
                definition, f"discriminator '{discriminator}' must be neither optional nor conditional"
            )
        values = {value for value, _ in enum.body}
        for branch, type_name, _ in branches:
            if branch not in values:
                raise self._fail(definition, f"branch '{branch}' is not a value of enum '{enum.name}'")
            if self.kind(type_name) not in _COMPOSITE:
                raise self._fail(
                    definition, f"branch '{branch}' of {definition.title} needs a struct, not '{type_name}'"
                )

    def _check_alternate(self, definition: Defined) -> None:
        taken: dict[str, str] = {}
        for branch, type_name, _ in definition.body:
            self._need(definition, type_name, f"branch '{branch}'")
            json_type = self._json_type(type_name)
            if json_type in taken:
                raise self._fail(
                    definition, f"branch '{branch}' can't be distinguished from '{taken[json_type]}'"
                )
            taken[json_type] = branch
        if "any" in taken:
            raise self._fail(
                definition, f"branch '{taken['any']}' of {definition.title} can't use type 'any'"
            )

    def _json_type(self, type_name: str) -> str:
        if type_name in INTEGERS or type_name == "number":
            return "number"
        if type_name == "str" or self.kind(type_name) == "enum":
            return "string"
        return type_name if type_name in BUILTINS else str(self.kind(type_name)).replace("union", "struct")

    def _check_command(self, definition: Defined) -> None:
        arguments, returns = definition.body
        self._check_arguments(definition, arguments)
        if returns is None:
            return
        self._need(definition, returns, "'returns'")
        pragmas = self._source.pragmas
        exceptions = pragmas["command-returns-exceptions"] | pragmas["returns-whitelist"]
        inner = returns.strip("[]")
        if (
            definition.name not in exceptions
            and not returns.startswith("[")
            and self.kind(inner) not in _COMPOSITE
        ):
            kind = "built-in" if inner in BUILTINS else self.kind(inner)
            raise self._fail(definition, f"'returns' of {definition.title} cannot take {kind} type '{inner}'")

    def _check_event(self, definition: Defined) -> None:
        self._check_arguments(definition, definition.body)

    def _check_arguments(self, definition: Defined, arguments: Any) -> None:
        if isinstance(arguments, list):
            self._check_types(definition, arguments)
            return
        allowed = ("struct", "union") if definition.expression.keys.get("boxed") else ("struct",)
        if self.kind(arguments) not in allowed:
            raise self._fail(
                definition, f"'data' of {definition.title} needs a {' or '.join(allowed)}, not '{arguments}'"
            )

    def _check_types(self, definition: Defined, members: list[Any]) -> None:
        for name, type_name, *_ in members:
            self._need(definition, type_name, f"member '{name}' of {definition.title}")

    def _check_clashes(self, definition: Defined, members: list[Any]) -> None:
        names = [member[0] for member in members]
        for name in names:
            if names.count(name) > 1:
                raise self._fail(
                    definition, f"member '{name}' of {definition.title} collides with its base's"
                )

    def _need(self, definition: Defined, type_name: str, owner: str) -> None:
        if self.kind(type_name) is None:
            raise self._fail(definition, f"{owner} uses unknown type '{type_name.strip('[]')}'")

    def _check_doc(self, definition: Defined) -> None:
        doc = definition.expression.doc
        if doc is None:
            if self._source.doc_required:
                raise self._fail(definition, f"documentation comment required for {definition.title}")
            return
        if doc.symbol != definition.name:
            message = (
                f"documentation comment is for '{doc.symbol}', but the definition is '{definition.name}'"
            )
            raise SchemaError(doc.file, doc.line, message)
        known = self._documentable(definition)
        extra = [name for name in doc.members if known is not None and name.lstrip("*") not in known]
        if extra:
            message = f"documented member '{extra[0]}' does not exist in {definition.title}"
            raise SchemaError(doc.file, doc.line, message)

    def _documentable(self, definition: Defined) -> set[str] | None:
        """The names that a definition's documentation may describe; None: they are another type's."""
        body = definition.body
        names = {feature for feature, _ in definition.features}
        if definition.kind in ("command", "event"):
            body = body[0] if definition.kind == "command" else body
            return None if isinstance(body, str) else names | {member[0] for member in body}
        if definition.kind == "union":
            return (
                names
                | {member[0] for member in self.members(definition)}
                | {branch for branch, *_ in body[2]}
            )
        return names | {item[0] for item in body}

"""Expressions to definitions: the meaning of each one, still with its conditions.

Shapes are those of `compiled.py`: a member is (name, type, optional, features, condition).
"""

from __future__ import annotations

import re

from guestwire.schema import forms
from guestwire.schema.parser import Object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guestwire.schema.parser import Expression, Source

_TYPE_NAME = re.compile(r"[A-Za-z_][\w.-]*")


class Defined:
    """One definition. `kind` is enum, struct, union, alternate, command or event; `body` depends on it:

    enum: [(value, condition)]; struct: [member]; alternate: [(branch, type, condition)];
    union: ([member] or base name, discriminator, [(branch, type, condition)]);
    command: ([member] or type name, returns or None); event: [member] or type name.
    `lines` has the line of each member, value and branch.
    """

    __slots__ = ("base", "body", "condition", "expression", "features", "kind", "lines", "name")

    def __init__(self, kind: str, name: str, expression: Expression, source: Source) -> None:
        self.kind = kind
        self.name = name
        self.expression = expression
        self.lines: dict[str, int] = {}
        self.condition = forms.condition(expression, self.title, expression.keys)
        self.features = forms.features(expression, self.title, expression.keys)
        self.base: str | None = None
        self.body: Any = getattr(_Reader(self, source), kind)(expression.keys)

    @property
    def title(self) -> str:
        """How errors call it."""
        return f"{self.kind} '{self.name}'"


def define(expression: Expression, source: Source) -> Defined:
    """Read one expression. SchemaError for a wrong form."""
    kind = forms.kind_of(expression)
    name = expression.keys[kind]
    style = kind if kind in ("command", "event") else "type"
    free = kind == "command" and name in source.pragmas["command-name-exceptions"]
    forms.check_name(expression, f"the {kind}", name, style, free=free, line=expression.keys.lines[kind])
    return Defined(kind, name, expression, source)


class _Reader:
    """Reads the body of one definition."""

    def __init__(self, owner: Defined, source: Source) -> None:
        self._owner = owner
        self._expression = owner.expression
        self._free_names = owner.name in source.pragmas["member-name-exceptions"]

    def enum(self, keys: Object) -> Any:
        if not isinstance(keys.get("prefix", ""), str):
            raise self._fault(f"'prefix' of {self._owner.title} must be a string", keys.lines["prefix"])
        values = forms.listed(self._expression, self._owner.title, keys, "data")
        return [self._enum_value(value) for value in values]

    def struct(self, keys: Object) -> Any:
        base = keys.get("base")
        if base is not None and not isinstance(base, str):
            raise self._fault(f"'base' of {self._owner.title} must be a type name", keys.lines["base"])
        self._owner.base = base
        return self._members(keys, "data")

    def union(self, keys: Object) -> Any:
        members = keys["base"] if isinstance(keys["base"], str) else self._members(keys, "base")
        discriminator = keys["discriminator"]
        if not isinstance(discriminator, str):
            message = f"'discriminator' of {self._owner.title} must be a string"
            raise self._fault(message, keys.lines["discriminator"])
        return members, discriminator, self._branches(keys)

    def alternate(self, keys: Object) -> Any:
        branches = self._branches(keys)
        if not branches:
            raise self._fault(f"{self._owner.title} has no branches", keys.lines["data"])
        return branches

    def command(self, keys: Object) -> Any:
        returns = (
            self._type(keys["returns"], f"'returns' of {self._owner.title}", keys.lines["returns"])
            if "returns" in keys
            else None
        )
        return self._arguments(keys), returns

    def event(self, keys: Object) -> Any:
        return self._arguments(keys)

    def _arguments(self, keys: Object) -> Any:
        data = keys.get("data")
        if isinstance(data, str):
            return data
        if keys.get("boxed"):
            message = f"{self._owner.title}: 'boxed' needs 'data' to be a type name"
            raise self._fault(message, keys.lines["boxed"])
        return self._members(keys, "data") if "data" in keys else []

    def _enum_value(self, keys: Object) -> tuple[str, Any]:
        owner = self._owner.title
        forms.check_keys(self._expression, f"value of {owner}", keys, ("name",), ("if", "features"))
        name = forms.check_name(
            self._expression,
            f"a value of {owner}",
            keys["name"],
            "value",
            free=self._free_names,
            line=keys.line,
        )
        self._note(name, "value", keys.line)
        forms.features(self._expression, f"value '{name}' of {owner}", keys)
        return name, self._condition(keys, f"value '{name}' of {owner}")

    def _members(self, outer: Object, key: str) -> list[Any]:
        owner, data = self._owner.title, outer[key]
        if not isinstance(data, Object):
            choice = "" if self._owner.kind == "struct" else " or a type name"
            raise self._fault(f"'{key}' of {owner} must be an object{choice}", outer.lines[key])
        members = []
        for written, value in data.items():
            line = data.lines[written]
            name = forms.check_name(
                self._expression,
                f"a member of {owner}",
                written[1:] if written.startswith("*") else written,
                "member",
                free=self._free_names,
                line=line,
            )
            self._note(name, "member", line)
            keys = forms.as_object(value, "type", line)
            title = f"member '{name}' of {owner}"
            forms.check_keys(self._expression, title, keys, ("type",), ("if", "features"))
            marks = tuple(feature for feature, _ in forms.features(self._expression, title, keys))
            type_name = self._type(keys["type"], title, keys.lines["type"])
            members.append((name, type_name, name != written, marks, self._condition(keys, title)))
        return members

    def _branches(self, outer: Object) -> list[Any]:
        owner, data = self._owner.title, outer["data"]
        if not isinstance(data, Object):
            raise self._fault(f"'data' of {owner} must be an object", outer.lines["data"])
        branches = []
        for name, value in data.items():
            line = data.lines[name]
            forms.check_name(self._expression, f"a branch of {owner}", name, "value", free=True, line=line)
            self._note(name, "branch", line)
            title = f"branch '{name}' of {owner}"
            keys = forms.as_object(value, "type", line)
            forms.check_keys(self._expression, title, keys, ("type",), ("if",))
            type_name = self._type(keys["type"], title, keys.lines["type"])
            branches.append((name, type_name, self._condition(keys, title)))
        return branches

    def _condition(self, keys: Object, owner: str) -> Any:
        return forms.condition(self._expression, owner, keys)

    def _fault(self, message: str, line: int) -> Exception:
        return self._expression.error(message, line)

    def _type(self, value: Any, owner: str, line: int) -> str:
        name = value
        if isinstance(value, list):
            if len(value) != 1 or not isinstance(value[0], str):
                raise self._fault(f"{owner}: an array holds exactly one type, given by its name", line)
            name = value[0]
        if not isinstance(name, str):
            raise self._fault(f"{owner} should be a type name", line)
        if not _TYPE_NAME.fullmatch(name):
            raise self._fault(f"{owner} uses unknown type '{name}'", line)
        return name if name is value else f"[{name}]"

    def _note(self, name: str, what: str, line: int) -> None:
        """Remember where a name stands; two that look alike in code may not be in one definition."""
        for other in self._owner.lines:
            if other.replace("-", "_") == name.replace("-", "_"):
                raise self._fault(f"{what} '{name}' of {self._owner.title} collides with '{other}'", line)
        self._owner.lines[name] = line

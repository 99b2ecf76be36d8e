"""Expressions to definitions: the meaning of each one, still with its conditions.

Shapes are those of `compiled.py`: a member is (name, type, optional, features, condition).
"""

from __future__ import annotations

from guestwire.schema import forms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guestwire.schema.parser import Expression, Source


class Defined:
    """One definition. `kind` is enum, struct, union, alternate, command or event; `body` depends on it:

    enum: [(value, condition)]; struct and event: [member]; alternate: [(branch, type, condition)];
    union: ([member] or base name, discriminator, [(branch, type, condition)]);
    command: ([member] or type name, returns or None).
    """

    __slots__ = ("base", "body", "condition", "expression", "features", "kind", "name")

    def __init__(self, kind: str, name: str, expression: Expression, source: Source) -> None:
        self.kind = kind
        self.name = name
        self.expression = expression
        keys = expression.keys
        self.condition = forms.condition(expression, self.title, keys["if"]) if "if" in keys else None
        self.features = forms.features(expression, self.title, keys.get("features", []))
        self.base: str | None = None
        self.body: Any = getattr(_Reader(self, source), kind)(keys)

    @property
    def title(self) -> str:
        """How errors call it."""
        return f"{self.kind} '{self.name}'"


def define(expression: Expression, source: Source) -> Defined:
    """Read one expression. SchemaError for a wrong form."""
    kind = forms.kind_of(expression)
    name = expression.keys[kind]
    style = kind if kind in ("command", "event") else "type"
    free = name in source.pragmas["command-name-exceptions"] | source.pragmas["name-case-whitelist"]
    forms.check_name(expression, f"the {kind}", name, style, free)
    return Defined(kind, name, expression, source)


class _Reader:
    """Reads the body of one definition."""

    def __init__(self, owner: Defined, source: Source) -> None:
        self._owner = owner
        self._expression = owner.expression
        exceptions = source.pragmas["member-name-exceptions"] | source.pragmas["name-case-whitelist"]
        self._free_names = owner.name in exceptions

    def enum(self, keys: dict[str, Any]) -> Any:
        if not isinstance(keys.get("prefix", ""), str):
            raise self._expression.error(f"'prefix' of {self._owner.title} must be a string")
        return self._unique(
            forms.listed(keys["data"], self._expression, self._owner.title, self._enum_value), "value"
        )

    def struct(self, keys: dict[str, Any]) -> Any:
        base = keys.get("base")
        if base is not None and not isinstance(base, str):
            raise self._expression.error(f"'base' of {self._owner.title} must be a type name")
        self._owner.base = base
        return self._members(keys["data"], "data")

    def union(self, keys: dict[str, Any]) -> Any:
        base = keys["base"]
        members = base if isinstance(base, str) else self._members(base, "base")
        discriminator = keys["discriminator"]
        if not isinstance(discriminator, str):
            raise self._expression.error(f"'discriminator' of {self._owner.title} must be a string")
        return members, discriminator, self._branches(keys["data"])

    def alternate(self, keys: dict[str, Any]) -> Any:
        branches = self._branches(keys["data"])
        if not branches:
            raise self._expression.error(f"{self._owner.title} has no branches")
        return branches

    def command(self, keys: dict[str, Any]) -> Any:
        returns = self._type(keys["returns"], "'returns'") if "returns" in keys else None
        return self._arguments(keys), returns

    def event(self, keys: dict[str, Any]) -> Any:
        return self._arguments(keys)

    def _arguments(self, keys: dict[str, Any]) -> Any:
        data = keys.get("data", {})
        if isinstance(data, str):
            return data
        if keys.get("boxed"):
            raise self._expression.error(f"{self._owner.title}: 'boxed': true needs 'data' to be a type name")
        return self._members(data, "data")

    def _enum_value(self, item: Any) -> tuple[str, Any]:
        keys = item if isinstance(item, dict) else {"name": item}
        owner = self._owner.title
        forms.check_keys(self._expression, f"value of {owner}", keys, ("name",), ("if", "features"))
        name = forms.check_enum_value(self._expression, owner, keys["name"])
        forms.features(self._expression, owner, keys.get("features", []))
        return name, self._condition(keys, f"value '{name}'")

    def _members(self, data: Any, key: str) -> list[Any]:
        if not isinstance(data, dict):
            raise self._expression.error(f"'{key}' of {self._owner.title} must be an object or a type name")
        members = []
        for written, value in data.items():
            optional = written.startswith("*")
            name = forms.check_name(
                self._expression,
                f"a member of {self._owner.title}",
                written.lstrip("*"),
                "member",
                self._free_names,
            )
            keys = value if isinstance(value, dict) else {"type": value}
            owner = f"member '{name}' of {self._owner.title}"
            forms.check_keys(self._expression, owner, keys, ("type",), ("if", "features"))
            features = forms.features(self._expression, owner, keys.get("features", []))
            type_name = self._type(keys["type"], owner)
            marks = tuple(feature for feature, _ in features)
            members.append((name, type_name, optional, marks, self._condition(keys, owner)))
        return self._unique(members, "member")

    def _branches(self, data: Any) -> list[Any]:
        if not isinstance(data, dict):
            raise self._expression.error(f"'data' of {self._owner.title} must be an object")
        branches = []
        for name, value in data.items():
            owner = f"branch '{name}' of {self._owner.title}"
            keys = value if isinstance(value, dict) else {"type": value}
            forms.check_keys(self._expression, owner, keys, ("type",), ("if",))
            branches.append((name, self._type(keys["type"], owner), self._condition(keys, owner)))
        return branches

    def _condition(self, keys: dict[str, Any], owner: str) -> Any:
        return forms.condition(self._expression, owner, keys["if"]) if "if" in keys else None

    def _type(self, value: Any, owner: str) -> str:
        if isinstance(value, list):
            if len(value) != 1 or not isinstance(value[0], str):
                raise self._expression.error(f"{owner}: array type must contain single type name")
            return f"[{value[0]}]"
        if not isinstance(value, str):
            raise self._expression.error(f"{owner} should be a type name")
        return value

    def _unique(self, items: list[Any], what: str) -> list[Any]:
        seen: set[str] = set()
        for item in items:
            if item[0] in seen:
                raise self._expression.error(f"{what} '{item[0]}' of {self._owner.title} is defined twice")
            seen.add(item[0])
        return items

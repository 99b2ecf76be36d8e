"""A schema after its conditions have been settled: what the agent, the client and the docs need to know of it.

Types are named by strings: a builtin (`BUILTINS`), the name of a definition, or `[NAME]` for an array of it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Union

    Definition = Union["Struct", "Enum", "Alternate", "Variants"]

INTEGERS = {
    "int": (-(1 << 63), (1 << 63) - 1),
    "int8": (-(1 << 7), (1 << 7) - 1),
    "int16": (-(1 << 15), (1 << 15) - 1),
    "int32": (-(1 << 31), (1 << 31) - 1),
    "int64": (-(1 << 63), (1 << 63) - 1),
    "uint8": (0, (1 << 8) - 1),
    "uint16": (0, (1 << 16) - 1),
    "uint32": (0, (1 << 32) - 1),
    "uint64": (0, (1 << 64) - 1),
    "size": (0, (1 << 64) - 1),
}
BUILTINS = frozenset(INTEGERS) | {"str", "number", "bool", "null", "any"}


class Member:
    """One member of a struct, or one argument of a command."""

    __slots__ = ("features", "name", "optional", "type")

    def __init__(self, name: str, type: str, optional: bool = False, features: Iterable[str] = ()) -> None:
        self.name = name
        self.type = type
        self.optional = optional
        self.features = tuple(features)

    @property
    def keyword(self) -> str:
        """The name as a Python keyword argument; `class` becomes `class_`."""
        from keyword import iskeyword

        name = self.name.replace("-", "_")
        return f"{name}_" if iskeyword(name) else name


class Struct:
    """An object with fixed members."""

    __slots__ = ("members", "name")

    def __init__(self, name: str, members: Iterable[Member]) -> None:
        self.name = name
        self.members = tuple(members)


class Enum:
    """A string out of a list."""

    __slots__ = ("name", "values")

    def __init__(self, name: str, values: Iterable[str]) -> None:
        self.name = name
        self.values = tuple(values)


class Alternate:
    """A value whose JSON type tells which branch it is; `branches` maps branch names to types."""

    __slots__ = ("branches", "name")

    def __init__(self, name: str, branches: Mapping[str, str]) -> None:
        self.name = name
        self.branches = dict(branches)


class Variants:
    """A union: `members`, one of which is the `discriminator`, and more members by its value."""

    __slots__ = ("branches", "discriminator", "members", "name")

    def __init__(
        self, name: str, members: Iterable[Member], discriminator: str, branches: Mapping[str, str]
    ) -> None:
        self.name = name
        self.members = tuple(members)
        self.discriminator = discriminator
        self.branches = dict(branches)


class Command:
    """One command; `types` holds every definition that its arguments and its result may name.

    `group` is the schema file's name without its ending. `returns` is None for a command that returns nothing.
    """

    __slots__ = (
        "allow_oob", "arguments", "decoder", "features", "group", "name", "returns", "success_response", "types",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        group: str,
        arguments: Iterable[Member] = (),
        returns: str | None = None,
        features: Iterable[str] = (),
        *,
        success_response: bool = True,
        allow_oob: bool = False,
        types: Mapping[str, Definition] | None = None,
    ) -> None:
        self.name = name
        self.group = group
        self.arguments = tuple(arguments)
        self.returns = returns
        self.features = tuple(features)
        self.success_response = success_response
        self.allow_oob = allow_oob
        self.types: Mapping[str, Definition] = types or {}
        self.decoder: Any = None  # made by the codec at the first call

    @property
    def streamed(self) -> str | None:
        """The argument that may be taken while it arrives, if the schema marks one with the feature `streamed`."""
        for argument in self.arguments:
            if "streamed" in argument.features:
                return argument.name
        return None


def holds(condition: Any, symbols: frozenset[str]) -> bool:
    """Whether an `if` holds: None (no condition), a symbol, ("all" | "any", conditions...) or ("not", condition)."""
    if condition is None:
        return True
    if isinstance(condition, str):
        return condition in symbols
    operator, *conditions = condition
    if operator == "not":
        return not holds(conditions[0], symbols)
    results = [holds(part, symbols) for part in conditions]
    return all(results) if operator == "all" else any(results)

"""The form of each expression: which keys it may have, and what their values look like. Meaning is `check.py`'s."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from guestwire.schema.parser import Expression

# Kind to (required keys, optional keys) beside the kind itself.
KINDS = {
    "enum": (("data",), ("if", "features", "prefix")),
    "struct": (("data",), ("base", "if", "features")),
    "union": (("base", "discriminator", "data"), ("if", "features")),
    "alternate": (("data",), ("if", "features")),
    "command": (
        (),
        ("data", "returns", "boxed", "gen", "success-response", "allow-oob", "allow-preconfig", "coroutine", "if",
         "features"),
    ),
    "event": ((), ("data", "boxed", "if", "features")),
}  # fmt: skip

# Flags, and the one value that each may be given.
_FLAGS = {
    "boxed": True, "allow-oob": True, "allow-preconfig": True, "coroutine": True,
    "gen": False, "success-response": False,
}  # fmt: skip

_NAME = r"(?:__[a-z0-9.-]+_)?[A-Za-z][A-Za-z0-9_-]*"
_STYLES = {
    "command": (re.compile(r"(?:__[a-z0-9.-]+_)?(?:x-)?[a-z][a-z0-9-]*"), "use lower case and '-'"),
    "event": (re.compile(r"(?:__[a-z0-9.-]+_)?[A-Z][A-Z0-9_]*"), "use upper case and '_'"),
    "type": (re.compile(r"(?:__[a-z0-9.-]+_)?[A-Z][A-Za-z0-9]*"), "use CamelCase"),
    "member": (re.compile(r"(?:__[a-z0-9.-]+_)?(?:x-)?[a-z][a-z0-9_-]*"), "use lower case and '-'"),
}
_VALID = re.compile(_NAME)
_ENUM_VALUE = re.compile(r"(?:__[a-z0-9.-]+_)?[A-Za-z0-9][A-Za-z0-9_-]*")


def kind_of(expression: Expression) -> str:
    """The expression's kind; SchemaError unless exactly one is there, with the right keys."""
    kinds = [kind for kind in KINDS if kind in expression.keys]
    if len(kinds) != 1:
        listed = ", ".join(f"'{kind}'" for kind in KINDS)
        found = " and ".join(f"'{kind}'" for kind in kinds)
        raise expression.error(
            f"expression needs exactly one of {listed}" + (f", not {found}" if found else "")
        )
    kind = kinds[0]
    name = expression.keys[kind]
    if not isinstance(name, str) or not _VALID.fullmatch(name):
        raise expression.error(f"{kind} needs a valid name, not {name!r}")
    required, optional = KINDS[kind]
    check_keys(expression, f"{kind} '{name}'", expression.keys, (kind, *required), optional)
    for flag, value in _FLAGS.items():
        if flag in expression.keys and expression.keys[flag] is not value:
            raise expression.error(f"{kind} '{name}': flag '{flag}' may only use {str(value).lower()} value")
    return kind


def check_keys(
    expression: Expression,
    owner: str,
    keys: dict[str, Any],
    required: tuple[str, ...],
    optional: tuple[str, ...],
) -> None:
    """Missing and unknown keys of an object."""
    for key in required:
        if key not in keys:
            raise expression.error(f"{owner} misses key '{key}'")
    for key in keys:
        if key not in required and key not in optional:
            raise expression.error(f"{owner} has unknown key '{key}'")


def check_name(expression: Expression, owner: str, name: Any, style: str, free: bool = False) -> str:
    """A name in the style of commands, events, types or members; `free` lets any valid one pass."""
    if not isinstance(name, str) or not _VALID.fullmatch(name):
        raise expression.error(f"{owner} has an invalid name {name!r}")
    pattern, advice = _STYLES[style]
    if not free and not pattern.fullmatch(name):
        raise expression.error(f"name '{name}' of {owner}: {advice}")
    return name


def check_enum_value(expression: Expression, owner: str, name: Any) -> str:
    """A value of an enum."""
    if not isinstance(name, str) or not _ENUM_VALUE.fullmatch(name):
        raise expression.error(f"{owner} has an invalid value {name!r}")
    return name


def condition(expression: Expression, owner: str, value: Any) -> Any:
    """An `if` in the form of `model.holds`. Lists and C expressions, as older schemas have them, are understood too."""
    if isinstance(value, str):
        return _old_condition(expression, owner, value)
    if isinstance(value, list):
        return _combined(expression, owner, "all", value)
    if not isinstance(value, dict) or len(value) != 1:
        raise expression.error(f"'if' condition of {owner} must be a string or an object with one key")
    (operator, operand), *_ = value.items()
    if operator == "not":
        return ("not", condition(expression, owner, operand))
    if operator not in ("all", "any"):
        raise expression.error(f"'if' condition of {owner} has unknown key '{operator}'")
    if not isinstance(operand, list):
        raise expression.error(f"'{operator}' condition of {owner} must be an array")
    return _combined(expression, owner, operator, operand)


def _combined(expression: Expression, owner: str, operator: str, parts: list[Any]) -> Any:
    if not parts:
        raise expression.error(f"'if' condition [] of {owner} is useless")
    return (operator, *(condition(expression, owner, part) for part in parts))


def _old_condition(expression: Expression, owner: str, text: str) -> Any:
    if re.fullmatch(r"[A-Z][A-Z0-9_]*", text):
        return text
    for operator, name in (("||", "any"), ("&&", "all")):
        if operator in text:
            return (name, *(_old_condition(expression, owner, part.strip()) for part in text.split(operator)))
    negated = re.fullmatch(r"!\s*(.+)", text)
    if negated:
        return ("not", _old_condition(expression, owner, negated.group(1)))
    defined = re.fullmatch(r"defined\s*\(?\s*(\w+)\s*\)?", text)
    if not defined:
        raise expression.error(f"'if' condition '{text}' of {owner} is not a valid identifier")
    return defined.group(1)


def features(expression: Expression, owner: str, value: Any) -> list[tuple[str, Any]]:
    """A list of features as (name, condition)."""
    if not isinstance(value, list):
        raise expression.error(f"'features' of {owner} must be an array")
    found = []
    for feature in value:
        keys = feature if isinstance(feature, dict) else {"name": feature}
        check_keys(expression, f"feature of {owner}", keys, ("name",), ("if",))
        name = check_name(expression, f"a feature of {owner}", keys["name"], "member")
        found.append((name, condition(expression, owner, keys["if"]) if "if" in keys else None))
    return found


def listed(value: Any, expression: Expression, owner: str, each: Callable[[Any], Any]) -> list[Any]:
    """Apply `each` to the items of what must be an array."""
    if not isinstance(value, list):
        raise expression.error(f"'data' of {owner} must be an array")
    return [each(item) for item in value]

"""The form of each expression: which keys it may have, and what their values look like. Meaning is `check.py`'s."""

from __future__ import annotations

import re

from guestwire.schema import conditions
from guestwire.schema.parser import Object

TYPE_CHECKING = False
if TYPE_CHECKING:
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

# Before a name may stand `__RFQDN_` (a vendor's own) and `x-` (unstable).
_PREFIX = r"(?:__[a-z0-9.-]+_)?"
_STYLES = {
    "command": (re.compile(_PREFIX + r"(?:x-)?[a-z][a-z0-9-]*"), "use lower case and '-'"),
    "event": (re.compile(_PREFIX + r"(?:X_)?[A-Z][A-Z0-9_]*"), "use upper case and '_'"),
    "type": (re.compile(_PREFIX + r"[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*"), "use CamelCase"),
    "member": (re.compile(_PREFIX + r"(?:x-)?[a-z][a-z0-9_-]*"), "use lower case and '-'"),
    "value": (re.compile(_PREFIX + r"(?:x-)?[a-z0-9][a-z0-9_-]*"), "use lower case and '-'"),
}
_VALID = re.compile(_PREFIX + r"[A-Za-z][A-Za-z0-9_-]*")
_VALID_VALUE = re.compile(_PREFIX + r"[A-Za-z0-9][A-Za-z0-9_-]*")


def kind_of(expression: Expression) -> str:
    """The expression's kind; SchemaError unless exactly one is there, with the right keys."""
    keys = expression.keys
    _modernize(keys)
    kinds = [kind for kind in KINDS if kind in keys]
    if len(kinds) != 1:
        listed = ", ".join(f"'{kind}'" for kind in KINDS)
        found = " and ".join(f"'{kind}'" for kind in kinds)
        raise expression.error(
            f"expression needs exactly one of {listed}" + (f", not {found}" if found else "")
        )
    kind = kinds[0]
    name = keys[kind]
    if not isinstance(name, str):
        raise expression.error(f"'{kind}' needs a name, a string", keys.lines[kind])
    required, optional = KINDS[kind]
    check_keys(expression, f"{kind} '{name}'", keys, (kind, *required), optional)
    for flag, value in _FLAGS.items():
        if flag in keys and keys[flag] is not value:
            message = f"{kind} '{name}': flag '{flag}' may only be {str(value).lower()}"
            raise expression.error(message, keys.lines[flag])
    if keys.get("allow-oob") and keys.get("coroutine"):
        raise expression.error(f"{kind} '{name}': flags 'allow-oob' and 'coroutine' exclude each other")
    return kind


def _modernize(keys: Object) -> None:
    """QEMU before version 2.4 said 'type' for 'struct' and 'no' for false."""
    if "type" in keys and not any(kind in keys for kind in KINDS):
        keys["struct"], keys.lines["struct"] = keys.pop("type"), keys.lines.pop("type")
    for flag in ("success-response", "gen"):
        if keys.get(flag) == "no":
            keys[flag] = False


def check_keys(
    expression: Expression, owner: str, keys: Object, required: tuple[str, ...], optional: tuple[str, ...]
) -> None:
    """Missing and unknown keys of an object."""
    for key in required:
        if key not in keys:
            raise expression.error(f"{owner} misses key '{key}'", keys.line)
    for key in keys:
        if key not in required and key not in optional:
            known = ", ".join(f"'{name}'" for name in (*required, *optional))
            raise expression.error(f"{owner} has unknown key '{key}' (known are {known})", keys.lines[key])


def check_name(
    expression: Expression, owner: str, name: Any, style: str, *, free: bool = False, line: int | None = None
) -> str:
    """A name in the style of commands, events, types, members or values; `free` lets any valid one pass."""
    valid = _VALID_VALUE if style == "value" else _VALID
    if not isinstance(name, str):
        raise expression.error(f"{owner} needs a name, a string", line)
    if not valid.fullmatch(name):
        raise expression.error(f"{owner} has an invalid name '{name}'", line)
    pattern, advice = _STYLES[style]
    if not free and not pattern.fullmatch(name):
        raise expression.error(f"name '{name}' of {owner}: {advice}", line)
    if style == "type" and name.endswith("List"):
        raise expression.error(f"name '{name}' of {owner} should not end in 'List'", line)
    if style == "member" and (name.lower() == "u" or name.lower().startswith(("has-", "has_", "q-", "q_"))):
        raise expression.error(f"name '{name}' of {owner} is reserved", line)
    return name


def condition(expression: Expression, owner: str, keys: Object) -> Any:
    """The `if` of an object in the form of `model.holds`; None without one."""
    if "if" not in keys:
        return None
    try:
        return conditions.condition(keys["if"])
    except conditions.BadCondition as error:
        raise expression.error(f"{owner}: {error}", keys.lines["if"]) from None


def features(expression: Expression, owner: str, keys: Object) -> list[tuple[str, Any]]:
    """The features of an object as (name, condition)."""
    if "features" not in keys:
        return []
    found: dict[str, Any] = {}
    for feature in listed(expression, owner, keys, "features"):
        check_keys(expression, f"feature of {owner}", feature, ("name",), ("if",))
        name = check_name(expression, f"a feature of {owner}", feature["name"], "member", line=feature.line)
        if name in found:
            raise expression.error(f"feature '{name}' of {owner} is given twice", feature.line)
        found[name] = condition(expression, f"feature '{name}' of {owner}", feature)
    return list(found.items())


def listed(expression: Expression, owner: str, keys: Object, key: str) -> list[Object]:
    """A list of names, or of objects with a `name` and more; always as objects."""
    if not isinstance(keys[key], list):
        raise expression.error(f"'{key}' of {owner} must be an array", keys.lines[key])
    return [as_object(item, "name", keys.lines[key]) for item in keys[key]]


def as_object(item: Any, key: str, line: int) -> Object:
    """The long form of what may also be written short: `ITEM` stands for `{ KEY: ITEM }`."""
    if isinstance(item, Object):
        return item
    found = Object(line)
    found[key], found.lines[key] = item, line
    return found

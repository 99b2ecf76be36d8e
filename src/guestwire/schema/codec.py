"""Between a request's arguments and the keyword arguments of a command function, in QEMU's words where they differ.

Checks go in the schema's order, the first problem counts, and unknown members are looked for last, as QEMU's visitors
do. A decoder is made for each command at its first call.
"""

from __future__ import annotations

from guestwire.errors import CommandError
from guestwire.schema.model import BUILTINS, INTEGERS, Alternate, Enum, Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from guestwire.schema.model import Command, Definition, Member, Variants

    Check = Callable[[Any, str], Any]
    Types = Mapping[str, Definition]

_UINT64_MASK = (1 << 64) - 1
_INT64 = INTEGERS["int64"]


def decode_arguments(command: Command, arguments: dict[str, Any] | None) -> dict[str, Any]:
    """Keyword arguments, `-` in names becoming `_`; absent optional ones are left out. CommandError if wrong."""
    if not arguments and not command.arguments:
        return {}
    decoder = command.decoder
    if decoder is None:
        decoder = command.decoder = [
            (member.name, member.keyword, member.optional, _check(member.type, command.types))
            for member in command.arguments
        ]
    given = arguments or {}
    decoded = {}
    for name, keyword, optional, check in decoder:
        if name in given:
            decoded[keyword] = check(given[name], name)
        elif not optional:
            raise CommandError(f"Parameter '{name}' is missing")
    if len(decoded) != len(given):
        _refuse_unknown(given, command.arguments, "")
    return decoded


def _refuse_unknown(given: dict[str, Any], members: Sequence[Member], prefix: str) -> None:
    known = {member.name for member in members}
    for name in given:
        if name not in known:
            raise CommandError(f"Parameter '{prefix}{name}' is unexpected")


def _wrong(path: str, expected: str) -> CommandError:
    return CommandError(f"Invalid parameter type for '{path}', expected: {expected}")


def _check(type_name: str, types: Types) -> Check:
    """The check of a type: gives the value that the function gets, or raises CommandError."""
    if type_name.startswith("["):
        return _array(_check(type_name[1:-1], types))
    if type_name in BUILTINS:
        return _integer(type_name) if type_name in INTEGERS else _PLAIN[type_name]
    definition = types[type_name]
    if isinstance(definition, Enum):
        return _enum(definition)
    if isinstance(definition, Alternate):
        return _alternate(definition, types)
    return _members(definition, types)


def _string(value: Any, path: str) -> Any:
    if type(value) is not str:
        raise _wrong(path, "string")
    return value


def _boolean(value: Any, path: str) -> Any:
    if type(value) is not bool:
        raise _wrong(path, "boolean")
    return value


def _number(value: Any, path: str) -> Any:
    if type(value) not in (int, float):
        raise _wrong(path, "number")
    return value


def _null(value: Any, path: str) -> Any:
    if value is not None:
        raise _wrong(path, "null")
    return value


def _any(value: Any, path: str) -> Any:
    return value


_PLAIN: dict[str, Check] = {"str": _string, "bool": _boolean, "number": _number, "null": _null, "any": _any}


def _integer(type_name: str) -> Check:
    low, high = INTEGERS[type_name]
    if high == _UINT64_MASK:
        return _uint64

    def check(value: Any, path: str) -> Any:
        if type(value) is int and low <= value <= high:
            return value
        # QEMU reads 64 bits first, and only then looks at the width.
        if type(value) is int and _INT64[0] <= value <= _INT64[1] and (low, high) != _INT64:
            raise CommandError(f"Parameter '{path}' expects {type_name}")
        raise _wrong(path, "integer")

    return check


def _uint64(value: Any, path: str) -> Any:
    if type(value) is int and _INT64[0] <= value <= _UINT64_MASK:
        return value & _UINT64_MASK  # QEMU takes negative numbers for two's complement
    raise CommandError(f"Parameter '{path}' expects uint64")


def _enum(definition: Enum) -> Check:
    values = frozenset(definition.values)

    def check(value: Any, path: str) -> Any:
        if type(value) is not str:
            raise _wrong(path, "string")
        if value not in values:
            raise CommandError(f"Parameter '{path}' does not accept value '{value}'")
        return value

    return check


def _array(item: Check) -> Check:
    def check(value: Any, path: str) -> Any:
        if type(value) is not list:
            raise _wrong(path, "array")
        return [item(content, f"{path}[{index}]") for index, content in enumerate(value)]

    return check


_JSON_TYPES = {str: "string", bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}


def _json_type(type_name: str, types: Types) -> str:
    if type_name.startswith("["):
        return "array"
    if type_name in INTEGERS:
        return "number"
    if type_name in BUILTINS:
        return {"str": "string", "bool": "boolean"}.get(type_name, type_name)
    return "string" if isinstance(types[type_name], Enum) else "object"


def _alternate(definition: Alternate, types: Types) -> Check:
    checks = {_json_type(branch, types): _check(branch, types) for branch in definition.branches.values()}

    def check(value: Any, path: str) -> Any:
        branch = checks.get("null" if value is None else _JSON_TYPES[type(value)])
        if branch is None:
            raise _wrong(path, definition.name)
        return branch(value, path)

    return check


def _members(definition: Struct | Variants, types: Types) -> Check:
    # Checks of members are made late: a struct may hold itself in an array.
    made: dict[str, Check] = {}

    def check(value: Any, path: str) -> Any:
        if type(value) is not dict:
            raise _wrong(path, "object")
        members = list(definition.members)
        _take(members, value, path)
        if not isinstance(definition, Struct):
            branch = types.get(definition.branches.get(value[definition.discriminator], ""))
            more = list(branch.members) if isinstance(branch, Struct) else []
            _take(more, value, path)
            members += more
        _refuse_unknown(value, members, f"{path}.")
        return value

    def _take(members: list[Member], value: dict[str, Any], path: str) -> None:
        for member in members:
            if member.name in value:
                if member.type not in made:
                    made[member.type] = _check(member.type, types)
                value[member.name] = made[member.type](value[member.name], f"{path}.{member.name}")
            elif not member.optional:
                raise CommandError(f"Parameter '{path}.{member.name}' is missing")

    return check


def check_result(command: Command, value: Any) -> None:
    """Compare what a command function returned with the schema; TypeError says what does not fit."""
    if command.returns is None:
        if value is not None:
            raise TypeError(
                f"{command.name} returns nothing, but its function returned {type(value).__name__}"
            )
        return
    try:
        _check(command.returns, command.types)(_without_bytes(value), "return")
    except CommandError as error:
        raise TypeError(f"{command.name} returned what its schema does not allow: {error.desc}") from None


def _without_bytes(value: Any) -> Any:
    """Base64 text may be given as bytes; members are copied, because checks put values back."""
    if isinstance(value, bytes):
        return value.decode("ascii")
    if isinstance(value, list):
        return [_without_bytes(item) for item in value]
    if isinstance(value, dict):
        return {name: _without_bytes(member) for name, member in value.items()}
    return value

"""`key=value` words and `--key value` flags to the arguments of a command, by the types that the schema gives them.

path=/etc/hosts      what the schema says: text, a number, true or false, a list's next item, or JSON
arg=-l arg=/tmp      a list, item by item; arg='["-l", "/tmp"]' is the same
count:=48            JSON as it is, also for arguments that the schema does not know
--path /etc/hosts    the same as path=/etc/hosts; --verbose alone is true
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from guestwire.cli.commands import similar
from guestwire.errors import ConfigError
from guestwire.schema.model import INTEGERS, Alternate, Enum

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from guestwire.schema.model import Command, Definition

_WORD = re.compile(r"([A-Za-z_][\w.-]*)(:=|=)(.*)", re.DOTALL)
_TRUE = frozenset(("true", "yes", "on", "1"))
_FALSE = frozenset(("false", "no", "off", "0"))
_NUMBER = re.compile(r"[+-]?(0[xX][0-9a-fA-F]+|\d+)")


def parse(command: Command, words: Sequence[str]) -> dict[str, Any]:
    """The arguments that `words` give. Raises `ConfigError` for a wrong, unknown or missing one."""
    members = {member.name: member for member in command.arguments}
    found: dict[str, Any] = {}
    for name, sign, text in _pairs(command, words):
        if sign == ":=":
            found[name] = _json(name, text)
            continue
        member = members.get(name) or members.get(name.replace("_", "-"))
        if member is None:
            raise ConfigError(_unknown(command, name))
        value = _Reader(member.name, command.types).value(member.type, text)
        if isinstance(found.get(member.name), list) and isinstance(value, list):
            found[member.name] += value
        elif member.name in found:
            raise ConfigError(f"{command.name}: {member.name} is given twice")
        else:
            found[member.name] = value
    missing = [each.name for each in command.arguments if not each.optional and each.name not in found]
    if missing:
        raise ConfigError(f"{command.name} needs {' and '.join(missing)}: write {missing[0]}=VALUE")
    return found


def guess(words: Sequence[str]) -> dict[str, Any]:
    """The arguments of a command that no schema describes: JSON where a value is that, else text."""
    found = {}
    for word in words:
        match = _WORD.fullmatch(word.removeprefix("--") if "=" in word else word)
        if not match:
            raise ConfigError(f"{word!r}: arguments are written key=value or key:=JSON")
        name, sign, text = match.groups()
        try:
            found[name] = _json(name, text)
        except ConfigError:
            if sign == ":=":
                raise
            found[name] = text
    return found


def _pairs(command: Command, words: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """(name, "=" or ":=", text) for each argument."""
    kinds = {member.name: member.type for member in command.arguments}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word.startswith("--") and word != "--":
            name, equals, text = word[2:].partition("=")
            if not equals:
                text = _value_of_flag(command, name, kinds.get(name.replace("_", "-"), ""), rest)
            yield name, "=", text
            continue
        match = _WORD.fullmatch(word)
        if not match:
            raise ConfigError(
                f"{word!r}: arguments of {command.name} are written key=value, --key value or key:=JSON"
            )
        yield match.group(1), match.group(2), match.group(3)


def _value_of_flag(command: Command, name: str, kind: str, rest: list[str]) -> str:
    """The value behind `--name`, taken from `rest`. A switch needs none, nor does what can be true, at the end."""
    if kind in ("bool", "BOOL"):
        return "true"
    if not rest or rest[0].startswith("--"):
        if "true" in _values(kind, command.types):
            return "true"
        if not rest:
            raise ConfigError(f"{command.name}: --{name} wants a value")
    return rest.pop(0)


class _Reader:
    """Reads the value of one argument."""

    def __init__(self, name: str, types: Mapping[str, Definition]) -> None:
        self._name = name
        self._types = types

    def value(self, kind: str, text: str) -> Any:
        """The value for a type of the schema."""
        if kind == "str":
            return text
        if kind == "bool":
            return self._bool(text)
        if kind in INTEGERS:
            return self._integer(text)
        if kind == "number":
            return self._number(text)
        if kind.startswith("["):
            return _json(self._name, text) if text.startswith("[") else [self.value(kind[1:-1], text)]
        definition = self._types.get(kind)
        if isinstance(definition, Enum):
            return text  # a newer guest may know more values than this schema
        if isinstance(definition, Alternate):
            return self._alternate(definition, text)
        return _json(self._name, text)

    def _bool(self, text: str) -> bool:
        if text.lower() in _TRUE | _FALSE:
            return text.lower() in _TRUE
        raise ConfigError(f"{self._name}={text!r}: true or false is wanted")

    def _integer(self, text: str) -> int:
        if _NUMBER.fullmatch(text):
            return int(text, 16 if "x" in text.lower() else 10)
        raise ConfigError(f"{self._name}={text!r}: a whole number is wanted")

    def _number(self, text: str) -> float:
        try:
            return float(text)
        except ValueError:
            raise ConfigError(f"{self._name}={text!r}: a number is wanted") from None

    def _alternate(self, definition: Alternate, text: str) -> Any:
        """The first branch that can be meant; text is the last resort."""
        kinds = definition.branches.values()
        if any(kind in INTEGERS for kind in kinds) and _NUMBER.fullmatch(text):
            return self._integer(text)
        if "bool" in kinds and text.lower() in ("true", "false", "on", "off", "yes", "no"):
            return self._bool(text)
        if text.startswith(("{", "[")):
            return _json(self._name, text)
        return text


def _json(name: str, text: str) -> Any:
    import msgspec

    try:
        return msgspec.json.decode(text.encode("utf-8", "surrogateescape"))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{name}: {text!r} is not JSON: {error}") from None


def _unknown(command: Command, name: str) -> str:
    names = [member.name for member in command.arguments]
    takes = f"it takes {', '.join(names)}" if names else "it takes no arguments"
    near = similar(name, names)
    return f"{command.name} has no argument {name!r}{near} ({takes}; {name}:=JSON sends it all the same)"


def hint(command: Command, given: Mapping[str, Any]) -> str:
    """`; KEY takes A, B; did you mean A?` for values that the schema does not know, which a guest has refused."""
    found = []
    for member in command.arguments:
        value, values = given.get(member.name), _values(member.type, command.types)
        if values and isinstance(value, str) and value not in values:
            found.append(f"; {member.name} takes {', '.join(values)}{similar(value, values)}")
    return "".join(found)


def complete(command: Command, incomplete: str) -> list[str]:
    """How a word that begins so could go on: arguments of the command, or the values of one."""
    name, equals, begun = incomplete.partition("=")
    if not equals:
        return [f"{each.name}=" for each in command.arguments if each.name.startswith(incomplete)]
    kind = next((each.type for each in command.arguments if each.name == name), "")
    return [f"{name}={value}" for value in _values(kind, command.types) if value.startswith(begun)]


def _values(kind: str, types: Mapping[str, Definition]) -> list[str]:
    if kind == "bool":
        return ["true", "false"]
    definition = types.get(kind)
    if isinstance(definition, Enum):
        return list(definition.values)
    if isinstance(definition, Alternate):
        return [value for branch in definition.branches.values() for value in _values(branch, types)]
    return []

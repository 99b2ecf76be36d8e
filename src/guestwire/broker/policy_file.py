"""The policy's TOML file, checked whole. docs/reference/policy.md describes every key."""

from __future__ import annotations

import difflib
import grp
import pwd
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tomllib

from guestwire.broker.options import GuestOptions
from guestwire.broker.patterns import PathPattern, ProgramPattern
from guestwire.broker.policy import EVERYONE, Policy, Rule
from guestwire.broker.privileges import PRIVILEGES
from guestwire.errors import ConfigError


def load(path: Path) -> Policy:
    """Read a policy. Raises ConfigError."""
    try:
        return read(tomllib.loads(path.read_text(encoding="utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, ConfigError) as error:
        raise ConfigError(f"{path}: {error}") from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None


def read(data: dict[str, Any]) -> Policy:
    """The policy that a file's tables say. Raises ConfigError."""
    _known("the file", data, ("rule", "guest"))
    return Policy(
        tuple(
            Rule(**_table("rule", number, table, _RULE, ("who",))) for number, table in _tables(data, "rule")
        ),
        tuple(
            (values.pop("names"), GuestOptions(**values))
            for number, table in _tables(data, "guest")
            for values in [_table("guest", number, table, _GUEST, ("names",))]
        ),
    )


def _tables(data: dict[str, Any], name: str) -> list[tuple[int, dict[str, Any]]]:
    tables = data.get(name, [])
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise ConfigError(f"write [[{name}]], in double brackets")
    return list(enumerate(tables, 1))


def _table(
    kind: str,
    number: int,
    table: dict[str, Any],
    readers: dict[str, tuple[str, Reader]],
    wanted: tuple[str, ...],
) -> dict[str, Any]:
    where = f"{kind} {number}"
    _known(where, table, readers)
    for key in wanted:
        if key not in table:
            raise ConfigError(f"{where}: {key!r} is missing")
    values = {}
    for key, value in table.items():
        member, reader = readers[key]
        try:
            values[member] = reader(value)
        except ConfigError as error:
            raise ConfigError(f"{where}: {key}: {error}") from None
    return values


def _known(where: str, table: dict[str, Any], keys: Any) -> None:
    for key in table:
        if key not in keys:
            close = difflib.get_close_matches(key, keys, 1)
            hint = f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(keys)}"
            raise ConfigError(f"{where}: unknown key {key!r}{hint}")


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise ConfigError("must be a list of texts")
    return tuple(value)


def _who(value: Any) -> frozenset[tuple[str, int | str]]:
    return frozenset(map(_one, _texts(value)))


def _one(text: str) -> tuple[str, int | str]:
    kind, _, value = text.partition(":")
    if text == EVERYONE[0]:
        return EVERYONE
    try:
        if kind in ("uid", "gid") and value.isascii() and value.isdigit():
            return kind, int(value)
        if kind == "user" and value:
            return "uid", pwd.getpwnam(value).pw_uid
        if kind == "group" and value:
            return "gid", grp.getgrnam(value).gr_gid
    except KeyError:
        raise ConfigError(f"{text!r}: this host has no such {kind}") from None
    if kind in ("name", "role") and value:
        return kind, value
    raise ConfigError(
        f"{text!r}: write uid:N, gid:N, user:NAME, group:NAME, name:NAME, role:NAME or everyone"
    )


def _privileges(value: Any) -> frozenset[str]:
    for each in _texts(value):
        if each not in PRIVILEGES:
            raise ConfigError(f"{each!r} is no privilege; there are {', '.join(PRIVILEGES)}")
    return frozenset(value)


def _paths(value: Any) -> tuple[PathPattern, ...]:
    return tuple(map(PathPattern, _texts(value)))


def _programs(value: Any) -> tuple[ProgramPattern, ...]:
    return tuple(map(ProgramPattern, _texts(value)))


def _ownership(value: Any) -> bool:
    if value not in ("connection", "user"):
        raise ConfigError(f"{value!r} is neither 'connection' nor 'user'")
    return bool(value == "user")


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 86400:
        raise ConfigError(f"{value!r} is not a number of seconds up to 86400")
    return float(value)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(f"{value!r} is neither true nor false")
    return value


Reader = Callable[[Any], Any]

_RULE: dict[str, tuple[str, Reader]] = {
    "who": ("who", _who),
    "guests": ("guests", _texts),
    "allow": ("allow", _privileges),
    "commands": ("commands", _texts),
    "read": ("read", _paths),
    "write": ("write", _paths),
    "programs": ("programs", _programs),
}
_GUEST: dict[str, tuple[str, Reader]] = {
    "names": ("names", _texts),
    "ownership": ("by_user", _ownership),
    "idle": ("idle", _seconds),
    "lease": ("lease", _seconds),
    "timeout": ("timeout", _seconds),
    "merge": ("merge", _truth),
}
KEYS = {"rule": tuple(_RULE), "guest": tuple(_GUEST)}
"""All keys, for the test of the reference."""

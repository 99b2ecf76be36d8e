"""Who may use the daemon's web side, and how: the `[web]` table of the configuration and the keys beside it."""

from __future__ import annotations

import difflib
import hashlib
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from guestwire.errors import ConfigError
from guestwire.web.roles import ROLES, Role

OWNER = "owner"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who logs in; `password` is an Argon2 hash."""

    password: str
    role: Role


@dataclass(frozen=True, slots=True)
class Token:
    """A program that sends a token; `sha256` is the token's, in hex."""

    sha256: str
    role: Role


@dataclass(frozen=True, slots=True)
class Settings:
    """`host` is what is listened on; `hosts` are names the Host header may say beside addresses.

    `local_role` is what programs of this machine may do while nobody has to log in; `owner` makes it depend on who
    they are: root and the daemon's own user are admins, everyone else is a viewer. `trusted_proxies` are those whose
    X-Forwarded-For and X-Forwarded-Proto are believed.
    """

    host: str = "127.0.0.1"
    hosts: tuple[str, ...] = ()
    users: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    local_role: str = OWNER
    tls_cert: Path | None = None
    tls_key: Path | None = None
    login_hours: float = 12.0
    trusted_proxies: tuple[Network, ...] = ()

    @property
    def login_required(self) -> bool:
        """Whether a request must say who makes it."""
        return bool(self.users or self.tokens) or not is_loopback(self.host)

    def check(self) -> None:
        """Raise ConfigError when other machines could read guests without saying who they are."""
        if not is_loopback(self.host) and not (self.users or self.tokens):
            raise ConfigError(
                f"listen {self.host}: other machines reach this address; add a [web.users.NAME] or "
                "[web.tokens.NAME] table, set a token, or listen on 127.0.0.1"
            )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address to listen on."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def plain_token(token: str) -> dict[str, Token]:
    """The key `token` of the configuration, whose holder may look."""
    return {"token": Token(hashlib.sha256(token.encode()).hexdigest(), Role.VIEWER)} if token else {}


def settings_of(value: Any) -> Settings:
    """The `[web]` table. Raises ConfigError."""
    return Settings(**_read(value, _READERS))


def _read(value: Any, readers: dict[str, Callable[[Any], Any]]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError("must be a table")
    found = {}
    for key, one in value.items():
        if key not in readers:
            close = difflib.get_close_matches(key, readers, 1)
            raise ConfigError(f"unknown key {key!r}" + (f"; did you mean {close[0]!r}?" if close else ""))
        try:
            found[key] = readers[key](one)
        except ConfigError as error:
            raise ConfigError(f"{key}: {error}") from None
    return found


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{value!r} is not a string with something in it")
    return value


def _role(value: Any) -> Role:
    if value not in ROLES:
        raise ConfigError(f"{value!r} is none of {', '.join(ROLES)}")
    return ROLES[value]


def _local_role(value: Any) -> str:
    if value != OWNER:
        _role(value)
    return str(value)


def _password(value: Any) -> str:
    text = _text(value)
    if not text.startswith("$argon2"):
        raise ConfigError("is not an Argon2 hash; make one with python -m guestwire.web.passwd")
    return text


def _sha256(value: Any) -> str:
    text = _text(value).lower()
    if len(text) != 64 or text.strip("0123456789abcdef"):
        raise ConfigError("is not a SHA-256 in hex; make a token with python -m guestwire.web.passwd --token")
    return text


def _hours(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.1 <= value <= 8784:
        raise ConfigError(f"{value!r} is not a number of hours from 0.1 to 8784")
    return float(value)


def _networks(value: Any) -> tuple[Network, ...]:
    if not isinstance(value, list):
        raise ConfigError('must be a list of addresses and networks, such as ["127.0.0.1", "10.0.0.0/8"]')
    try:
        return tuple(ipaddress.ip_network(_text(one)) for one in value)
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _named(kind: Callable[..., Any], readers: dict[str, Callable[[Any], Any]]) -> Callable[[Any], Any]:
    """A table of tables, by name; every key is needed."""

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ConfigError("must be a table of tables")
        found = {}
        for name, table in value.items():
            if not name.isprintable() or not 0 < len(name) <= 64:
                raise ConfigError(f"{name!r} is no name")
            try:
                values = _read(table, readers)
                missing = readers.keys() - values.keys()
                if missing:
                    raise ConfigError(f"{sorted(missing)[0]} is missing")
            except ConfigError as error:
                raise ConfigError(f"{name}: {error}") from None
            found[name] = kind(**values)
        return found

    return read


_READERS: dict[str, Callable[[Any], Any]] = {
    "users": _named(User, {"password": _password, "role": _role}),
    "tokens": _named(Token, {"sha256": _sha256, "role": _role}),
    "local_role": _local_role,
    "tls_cert": lambda value: Path(_text(value)),
    "tls_key": lambda value: Path(_text(value)),
    "login_hours": _hours,
    "trusted_proxies": _networks,
}

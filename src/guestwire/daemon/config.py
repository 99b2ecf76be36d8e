"""The host daemon's configuration: one TOML file, checked whole before anything starts.

Every key is described in docs/reference/configuration.md. A mistake is one clear line.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import tomllib

from guestwire.client.address import parse
from guestwire.errors import ConfigError
from guestwire.web.settings import Settings, plain_token, settings_of

SYSTEM_FILE = Path("/etc/guestwire/guestwire.toml")


def data_folder() -> Path:
    """Where history is kept: the system's folder for root, the user's for anyone else."""
    if os.geteuid() == 0:
        return Path("/var/lib/guestwire")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "guestwire"


@dataclass(frozen=True, slots=True)
class Config:
    """What the daemon goes by. `interval` in seconds; `listen` is (host, port); `guests` maps names to addresses."""

    listen: tuple[str, int] = ("127.0.0.1", 8790)
    data_dir: Path = field(default_factory=data_folder)
    interval: float = 10.0
    token: str = ""
    hosts: tuple[str, ...] = ()
    rules: tuple[Path, ...] = ()
    webhooks: tuple[str, ...] = ()
    apprise: tuple[str, ...] = ()
    limit_mib: int = 0
    guests: dict[str, str] = field(default_factory=dict)
    web: Settings = field(default_factory=Settings)

    @property
    def settings(self) -> Settings:
        """All that the web side goes by."""
        tokens = {**self.web.tokens, **plain_token(self.token)}
        hosts = tuple(host.lower() for host in self.hosts)
        return replace(self.web, host=self.listen[0], hosts=hosts, tokens=tokens)


def load(path: Path) -> Config:
    """Read a configuration file. Raises ConfigError."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None
    try:
        return read(data)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def read(data: dict[str, Any]) -> Config:
    """The configuration that a file's tables say."""
    values: dict[str, Any] = {}
    for key, value in data.items():
        reader = _READERS.get(key)
        if reader is None:
            close = difflib.get_close_matches(key, _READERS, 1)
            raise ConfigError(f"unknown key {key!r}" + (f"; did you mean {close[0]!r}?" if close else ""))
        try:
            values[key] = reader(value)
        except ConfigError as error:
            raise ConfigError(f"{key}: {error}") from None
    return Config(**values)


def listen_of(value: Any) -> tuple[str, int]:
    """`HOST:PORT`, an IPv6 address in brackets; port 0 takes any free one."""
    host, _, port = _text(value).rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    host = host[1:-1] if bracketed else host
    digits = port.isascii() and port.isdigit() and int(port) <= 65535
    if not host or not digits or (":" in host and not bracketed):
        raise ConfigError(f"{value!r} is not HOST:PORT, such as 127.0.0.1:8790 or [::1]:8790")
    return host, int(port)


def interval_of(value: Any) -> float:
    """Seconds between two polls of a guest."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= 3600:
        raise ConfigError(f"{value!r} is not a number of seconds from 1 to 3600")
    return float(value)


def guests_of(value: Any) -> dict[str, str]:
    """Names and addresses of guests; the addresses are checked, not tried."""
    if not isinstance(value, dict):
        raise ConfigError('must be a table of NAME = "ADDRESS"')
    for name, address in value.items():
        if not name or not name.isprintable():
            raise ConfigError(f"{name!r} is no name for a guest")
        parse(_text(address))
    return dict(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{value!r} is not a string with something in it")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ConfigError("must be a list of strings")
    return tuple(_text(item) for item in value)


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigError(f"{value!r} is not a whole number from 0 on")
    return value


_READERS: dict[str, Callable[[Any], Any]] = {
    "listen": listen_of,
    "data_dir": lambda value: Path(_text(value)),
    "interval": interval_of,
    "token": _text,
    "hosts": _texts,
    "rules": lambda value: tuple(map(Path, _texts(value))),
    "webhooks": _texts,
    "apprise": _texts,
    "limit_mib": _count,
    "web": settings_of,
    "guests": guests_of,
}

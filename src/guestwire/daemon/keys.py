"""What a key of the configuration may hold: a reader takes a TOML value and gives ours, or raises ConfigError."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from guestwire.client.address import UnixAddress, parse
from guestwire.errors import ConfigError
from guestwire.monitor.post import check_url
from guestwire.monitor.rules.lexer import seconds

Reader = Callable[[Any], Any]


def table(value: Any, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """A table whose keys are those of `readers`. An unknown key is an error that suggests the nearest one."""
    if not isinstance(value, dict):
        raise ConfigError("must be a table")
    values: dict[str, Any] = {}
    for key, item in value.items():
        reader = readers.get(key)
        if reader is None:
            close = difflib.get_close_matches(key, readers, 1)
            raise ConfigError(f"unknown key {key!r}" + (f"; did you mean {close[0]!r}?" if close else ""))
        try:
            values[key] = reader(item)
        except ConfigError as error:
            raise ConfigError(f"{key}: {error}") from None
    return values


def text(value: Any) -> str:
    """A string with something in it."""
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{value!r} is not a string with something in it")
    return value


def texts(value: Any) -> tuple[str, ...]:
    """A list of strings."""
    if not isinstance(value, list):
        raise ConfigError("must be a list of strings")
    return tuple(text(item) for item in value)


def paths(value: Any) -> tuple[Path, ...]:
    """A list of files."""
    return tuple(Path(item) for item in texts(value))


def flag(value: Any) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise ConfigError(f"{value!r} is neither true nor false")
    return value


def count(value: Any) -> int:
    """A whole number from 0 on."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigError(f"{value!r} is not a whole number from 0 on")
    return value


def duration(value: Any) -> float:
    """`30s`, `5m`, `4h` as seconds."""
    try:
        return seconds(text(value))
    except ValueError as error:
        raise ConfigError(str(error)) from None


def urls(value: Any) -> tuple[str, ...]:
    """A list of http and https addresses."""
    found = texts(value)
    for url in found:
        check_url(url)
    return found


def words(known: tuple[str, ...]) -> Reader:
    """A list of words out of `known`."""

    def read(value: Any) -> tuple[str, ...]:
        for word in texts(value):
            if word not in known:
                raise ConfigError(f"{word!r} is none of {', '.join(known)}")
        return tuple(value)

    return read


def listen(value: Any) -> tuple[str, int]:
    """`HOST:PORT`, an IPv6 address in brackets; port 0 takes any free one."""
    host, _, port = text(value).rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    host = host[1:-1] if bracketed else host
    digits = port.isascii() and port.isdigit() and int(port) <= 65535
    if not host or not digits or (":" in host and not bracketed):
        raise ConfigError(f"{value!r} is not HOST:PORT, such as 127.0.0.1:8790 or [::1]:8790")
    return host, int(port)


def interval(value: Any) -> float:
    """Seconds between two polls of a guest."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= 3600:
        raise ConfigError(f"{value!r} is not a number of seconds from 1 to 3600")
    return float(value)


def guests(value: Any) -> dict[str, str]:
    """Names and addresses of guests; the addresses are checked, not tried."""
    if not isinstance(value, dict):
        raise ConfigError('must be a table of NAME = "ADDRESS"')
    for name, address in value.items():
        if not name or not name.isprintable():
            raise ConfigError(f"{name!r} is no name for a guest")
        parse(text(address))
    return dict(value)


def monitors(value: Any) -> dict[str, str]:
    """Names of guests and addresses of their QEMUs' monitors, which are unix sockets."""
    found = guests(value)
    for address in found.values():
        if not isinstance(parse(address), UnixAddress):
            raise ConfigError(f"{address!r} is no monitor that can be asked: only unix:PATH is")
    return found

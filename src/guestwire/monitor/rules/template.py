"""The text of an alert: `{label}` and `{value:unit}` in a rule's summary and description."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from guestwire.errors import ConfigError

_FIELD = re.compile(r"\{\{|\}\}|\{([a-zA-Z_][a-zA-Z0-9_]*)(?::([a-z]+))?\}|[{}]")


def _number(value: float) -> str:
    return f"{value:.4g}"


def _bytes(value: float) -> str:
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if abs(value) < 1024:
            return f"{value:.3g} {unit}"
        value /= 1024
    return f"{value:.3g} PiB"


def _duration(value: float) -> str:
    sign, rest = ("-" if value < 0 else ""), abs(value)
    if rest < 60:
        return f"{sign}{rest:.3g} s"
    for unit, size, part, small in (("d", 86400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if rest >= size:
            whole, left = int(rest // size), int(rest % size // small)
            return f"{sign}{whole} {unit} {left} {part}" if left else f"{sign}{whole} {unit}"
    raise AssertionError(value)  # pragma: no cover


UNITS: dict[str, Callable[[float], str]] = {
    "number": _number,
    "percent": lambda value: f"{value * 100:.1f} %",
    "bytes": _bytes,
    "duration": _duration,
}


def check(template: str) -> None:
    """Raise ConfigError if a template cannot be filled."""
    for match in _FIELD.finditer(template):
        if match.group() in "{}":
            raise ConfigError(f"a lone {match.group()!r} in {template!r}; write it twice to mean itself")
        unit = match.group(2)
        if unit is not None and (match.group(1) != "value" or unit not in UNITS):
            raise ConfigError(f"{match.group()!r} in {template!r}: units are {{value:{'|'.join(UNITS)}}}")


def fill(template: str, labels: Mapping[str, str], value: float) -> str:
    """A template with an alert's labels and value; a label that is not there becomes `?`."""

    def field(match: re.Match[str]) -> str:
        name, unit = match.groups()
        if name is None:
            return match.group()[0]
        if name == "value":
            return UNITS[unit or "number"](value)
        return labels.get(name, "?")

    return _FIELD.sub(field, template)

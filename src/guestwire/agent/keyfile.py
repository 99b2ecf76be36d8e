"""GKeyFile, the `[group]` / `key=value` format of GLib, in which qemu-ga keeps configuration and state.

Follows GLib's reader: leading blanks of a line and blanks around `=` do not count, trailing blanks of a value
do (except for booleans and numbers), `#` starts a comment line only, groups and keys may repeat and the last
value wins, `key[locale]` is another key, `\\s \\n \\t \\r \\\\` are the escapes of a text value.
"""

from __future__ import annotations

from guestwire.errors import ConfigError

_ESCAPES = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
_INT_MAX = 2**31 - 1
_BLANKS = " \t\r\f"  # besides the newline, what GLib takes for one


class KeyFile:
    """A key file that was read. Every reading method gives None for a key that is not there."""

    def __init__(self, where: str) -> None:
        self.where = where
        self._values: dict[tuple[str, str], tuple[int, str]] = {}

    def set(self, group: str, key: str, line: int, value: str) -> None:
        """Keep a raw value that stood in `line`; a later one replaces it."""
        self._values[group, key] = (line, value)

    def text(self, group: str, key: str) -> str | None:
        """A text with its escapes undone. ConfigError for an escape that GLib does not know, or bad UTF-8."""
        found = self._values.get((group, key))
        if found is None:
            return None
        line, raw = found
        try:
            raw.encode("utf-8")
        except UnicodeEncodeError:
            raise self._fault(line, f"the value of '{key}' is not UTF-8") from None
        if "\\" not in raw:
            return raw
        parts = raw.split("\\")
        text, at = parts[0], 1
        while at < len(parts):
            part = parts[at]
            if not part and at + 1 < len(parts):  # `\\`: the piece between both is empty
                text, at = text + "\\" + parts[at + 1], at + 2
                continue
            if part[:1] not in _ESCAPES:
                raise self._fault(line, f"'{key}' has a backslash before '{part[:1]}': write \\\\ for one")
            text, at = text + _ESCAPES[part[0]] + part[1:], at + 1
        return text

    def boolean(self, group: str, key: str) -> bool | None:
        """True for `true` or `1`, False for `false` or `0`; anything else is a ConfigError."""
        found = self._values.get((group, key))
        if found is None:
            return None
        line, raw = found
        value = raw.rstrip(_BLANKS)
        if value not in ("true", "1", "false", "0"):
            raise self._fault(line, f"'{key}' is '{value}': use true, false, 1 or 0")
        return value in ("true", "1")

    def integer(self, group: str, key: str) -> int | None:
        """A decimal number of 32 bits; ConfigError for anything else."""
        found = self._values.get((group, key))
        if found is None:
            return None
        line, raw = found
        value = raw.rstrip(_BLANKS)
        digits = value[1:] if value[:1] in ("+", "-") else value
        number = int(value) if digits.isascii() and digits.isdigit() and len(digits) <= 20 else _INT_MAX + 1
        if not -_INT_MAX - 1 <= number <= _INT_MAX:
            raise self._fault(line, f"'{key}' is '{value}': use a number of 32 bits")
        return number

    def line(self, group: str, key: str) -> int:
        """The line in which the key's last value stands, for a message about it."""
        return self._values[group, key][0]

    def _fault(self, line: int, reason: str) -> ConfigError:
        return ConfigError(f"{self.where}: line {line}: {reason}")


def parse(data: bytes, where: str) -> KeyFile:
    """Read the whole of a key file; `where` is its path, for messages. ConfigError names the faulty line."""
    file = KeyFile(where)
    group: str | None = None
    for number, raw in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
        line = raw[:-1] if raw.endswith("\r") else raw
        line = line.lstrip(_BLANKS)
        if not line or line[0] == "#":
            continue
        try:
            if line[0] == "[" and line.rstrip(" \t").endswith("]"):
                group = _group(line.rstrip(" \t")[1:-1])
                continue
            key, value = _pair(line)
        except ValueError as error:
            raise ConfigError(f"{where}: line {number}: {error}") from None
        if group is None:
            raise ConfigError(f"{where}: line {number}: '{_shown(key)}' stands before the first [group]")
        file.set(group, key, number, value)
    return file


def _group(name: str) -> str:
    if not name or any(c in "[]" or ord(c) < 32 or ord(c) == 127 for c in name):
        raise ValueError(f"'{_shown(name)}' is not a group's name")
    return name


def _pair(line: str) -> tuple[str, str]:
    key, equals, value = line.partition("=")
    key = key.rstrip(_BLANKS)
    if not equals or not key:
        raise ValueError(f"'{_shown(line)}' is not a group, key=value pair or comment")
    base, bracket, locale = key.partition("[")
    if not base or "]" in base or (bracket and (len(locale) < 2 or locale.find("]") != len(locale) - 1)):
        raise ValueError(f"'{_shown(key)}' is not a key's name")
    return key, value.lstrip(_BLANKS)


def _shown(text: str) -> str:
    """A piece of the file fit for one line of a message."""
    cut = text if len(text) <= 60 else text[:60] + "..."
    return cut if cut.isprintable() else ascii(cut)[1:-1]


def escape(text: str) -> str:
    """A text value as GLib writes it: blanks are escaped at the start only."""
    body = text.lstrip(" \t")
    blanks = text[: len(text) - len(body)].replace(" ", "\\s").replace("\t", "\\t")
    return blanks + body.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")

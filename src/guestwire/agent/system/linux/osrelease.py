"""os-release(5): which distribution this is."""

from __future__ import annotations

import os

_PLACES = ("/etc/os-release", "/usr/lib/os-release")
_BLANK = " \t\r"
# Characters that a backslash takes the meaning of between double quotes.
_ESCAPABLE = "$\"\\`'"

# path -> (identity of the file when it was read, what it said)
_read_before: dict[str, tuple[tuple[int, ...], dict[str, str]]] = {}


def os_release(root: str) -> dict[str, str]:
    """The assignments of os-release; empty when there is no such file. Never fails.

    The environment variable QGA_OS_RELEASE names another file, as it does for qemu-ga. A file is parsed
    once and again only when stat(2) tells that it is another one.
    """
    override = os.environ.get("QGA_OS_RELEASE")
    for path in (override,) if override else (root + place for place in _PLACES):
        try:
            return _read(path)
        except OSError:
            continue
    return {}


def _read(path: str) -> dict[str, str]:
    at = os.stat(path)
    identity = (at.st_dev, at.st_ino, at.st_size, at.st_mtime_ns, at.st_ctime_ns)
    before = _read_before.get(path)
    if before is not None and before[0] == identity:
        return before[1]
    with open(path, "rb") as file:
        values = parse(file.read(1 << 20).decode("utf-8", "surrogateescape"))
    _read_before[path] = (identity, values)
    return values


def parse(text: str) -> dict[str, str]:
    """All `NAME=value` lines; a line of any other form is passed over."""
    values = {}
    for line in text.split("\n"):
        name, equals, value = line.lstrip(_BLANK).partition("=")
        if equals and name.isidentifier():
            values[name] = unquote(value)
    return values


def unquote(value: str) -> str:
    """One shell word, as a shell would read it after `NAME=`: quotes, backslashes, no expansion.

    A quote that is never closed reaches to the end of the line.
    """
    out: list[str] = []
    quote = ""
    characters = iter(value)
    for char in characters:
        if char == quote:
            quote = ""
        elif quote == "'":
            out.append(char)
        elif char == "\\":
            escaped = next(characters, "")
            if quote and escaped not in _ESCAPABLE:
                out.append(char)
            out.append(escaped)
        elif quote:
            out.append(char)
        elif char in "\"'":
            quote = char
        elif char == ";" or char in _BLANK:
            break
        else:
            out.append(char)
    return "".join(out)

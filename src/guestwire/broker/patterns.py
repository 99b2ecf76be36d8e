"""Patterns for the guest's paths and programs.

`*` and `?` stay within one part of a path, `**` does not. A path is judged by its text alone: nobody outside the guest
can tell where a symbolic link leads. What could mean another file than it says is matched by no pattern: a relative
path, `..`, a backslash in a path with slashes, the other names that Windows has for a file.
"""

from __future__ import annotations

import re
import shlex
from typing import Any

from guestwire.errors import ConfigError

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_ANY_REST = "**"


class PathPattern:
    """One pattern, absolute: `/var/log/**`, or `C:/logs/*` where case does not count."""

    def __init__(self, text: str) -> None:
        plain = plain_path(text)
        if plain is None:
            raise ConfigError(f"{text!r} is no absolute path without '..'")
        self._matches = _compiled(plain)

    def matches(self, path: Any) -> bool:
        """Whether `path`, as a request has it, is covered."""
        plain = plain_path(path) if isinstance(path, str) else None
        return plain is not None and self._matches(plain) is not None


class ProgramPattern:
    """A path or a plain name, and the arguments as a shell would split them. Without arguments any will do; `**` at
    the end stands for any further ones. A plain name is matched by the same name only.
    """

    def __init__(self, text: str) -> None:
        try:
            program, *self._arguments = shlex.split(text)
        except ValueError:
            raise ConfigError(f"{text!r} is no program with arguments") from None
        self._any_arguments = not self._arguments
        self._any_more = self._arguments[-1:] == [_ANY_REST]
        if self._any_more:
            self._arguments.pop()
        self._name = program if not re.search(r"[/\\]", program) else None
        self._path = None if self._name is not None else PathPattern(program)
        self._each = [_compiled(word, within=".") for word in self._arguments]

    def matches(self, request: dict[str, Any]) -> bool:
        """Whether the arguments of a guest-exec are covered. The environment must be left alone: LD_PRELOAD makes any
        program of any other.
        """
        path, words = request.get("path"), request.get("arg", [])
        if (
            request.get("env")
            or not isinstance(words, list)
            or not all(isinstance(word, str) for word in words)
        ):
            return False
        if not (path == self._name if self._path is None else self._path.matches(path)):
            return False
        if self._any_arguments:
            return True
        enough = len(words) >= len(self._each) if self._any_more else len(words) == len(self._each)
        return enough and all(each(word) for each, word in zip(self._each, words, strict=False))


def plain_path(path: str) -> str | None:
    """An absolute path without its idle parts; a Windows path with slashes and in lower case; None for all others."""
    if "\0" in path or any("\ud800" <= char <= "\udfff" for char in path):
        return None
    drive = ""
    if _DRIVE.match(path):
        drive, path = path[:2].lower(), path[2:].replace("\\", "/").lower()
    elif not path.startswith("/") or "\\" in path:
        return None
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts or (drive and any(map(_is_devious, parts))):
        return None
    return drive + "/" + "/".join(parts)


def _is_devious(part: str) -> bool:
    """Windows takes `FILE.`, `FILE::$DATA` and `FILE~1` for other names of a file."""
    return part.endswith((".", " ")) or ":" in part or "~" in part


def _compiled(text: str, within: str = "[^/]") -> Any:
    pieces = {"**": ".*", "*": f"{within}*", "?": within}
    pattern = "".join(pieces.get(each) or re.escape(each) for each in re.split(r"(\*\*|\*|\?)", text))
    return re.compile(pattern, re.DOTALL).fullmatch

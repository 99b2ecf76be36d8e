"""`GUEST:PATH` on a command line, as scp has it."""

from __future__ import annotations

import os
import re
import stat
from typing import NamedTuple

from guestwire.errors import ConfigError

STREAM = "-"
"""Stands for standard input or output."""

# Addresses that hold colons themselves; the path follows the colon behind them.
_ADDRESSES = (
    re.compile(r"(vsock:\d+:\d+):(.*)", re.DOTALL),
    re.compile(r"(tcp:(?:\[[^\]]*\]|[^:/\[]*):\d+):(.*)", re.DOTALL),
    re.compile(r"(libvirt:[^:/]+:(?://[^/]*)?/[^:]*):(.*)", re.DOTALL),
)
_SCHEMES = ("unix:", "vsock:", "tcp:", "libvirt:")


class Place(NamedTuple):
    """A path in `guest`, or on this host where that is None; `STREAM` of this host is standard input or output."""

    guest: str | None
    path: str

    @property
    def is_stream(self) -> bool:
        """Whether it is standard input or output."""
        return self.guest is None and self.path == STREAM

    def __str__(self) -> str:
        return self.path if self.guest is None else f"{self.guest}:{self.path}"


def parse(word: str) -> Place:
    """Read a word. What has a slash before its first colon, or no colon, is a path of this host.

    Raises `ConfigError` for a guest without a path.
    """
    if word.startswith(_SCHEMES):
        guest, path = _after_address(word)
    elif ":" in word.partition("/")[0]:
        guest, _, path = word.partition(":")
    else:
        return Place(None, word)
    if not guest or not path:
        missing = "a path after the colon" if guest else "a guest before the colon"
        raise ConfigError(f"{word!r} lacks {missing}: write GUEST:PATH, such as web1:/etc/hosts")
    if "\0" in path:
        raise ConfigError(f"{word!r}: a path holds no zero byte")
    return Place(guest, path)


def _after_address(word: str) -> tuple[str, str]:
    if word.startswith("unix:"):
        return _after_socket(word)
    for pattern in _ADDRESSES:
        found = pattern.fullmatch(word)
        if found is not None:
            return found[1], found[2]
    return word, ""


def _after_socket(word: str) -> tuple[str, str]:
    """A socket's path may hold colons too: the first that makes it the path of a socket divides, else the first."""
    ends = [match.start() for match in re.finditer(":", word)][1:]
    for end in ends:
        try:
            if stat.S_ISSOCK(os.stat(word[len("unix:") : end]).st_mode):
                return word[:end], word[end + 1 :]
        except (OSError, ValueError):
            continue
    return (word[: ends[0]], word[ends[0] + 1 :]) if ends else (word, "")


def hint(path: str) -> str:
    """What a person may have meant by a path in a guest that could not be opened."""
    if not any(letter in path for letter in "*?["):
        return ""
    return "; patterns are not expanded in a guest: name the files, or copy their folder with cp --recursive"

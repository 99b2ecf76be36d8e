"""A request's arguments as the log may hold them: secrets and contents removed, everything bounded."""

from __future__ import annotations

import re
from typing import Any

from guestwire.broker.privileges import OF_COMMAND, OF_HANDLES

MOST_TEXT = 256
"""Characters of one text, of the 20 members that a list or object keeps, three levels deep."""

_MOST_MEMBERS = 20
_DEEPEST = 3
_SECRET = frozenset(("password", "buf-b64", "input-data", "env"))
_SOUNDS_SECRET = re.compile("pass|secret|token|key|credential|b64|data", re.IGNORECASE)
_KNOWN = frozenset((*OF_COMMAND, *OF_HANDLES, "guest-file-open"))


def cleaned(command: str, arguments: dict[str, Any] | None) -> dict[str, Any]:
    """What the log keeps. `{"removed": N}` stands for what is secret, N its length. Of commands that the schema does
    not know, whatever sounds secret is.
    """
    suspicious = command not in _KNOWN and not command.startswith("guest-ssh-")
    found: dict[str, Any] = {}
    for name, value in list((arguments or {}).items())[:_MOST_MEMBERS]:
        if name in _SECRET or (suspicious and _SOUNDS_SECRET.search(name)):
            found[text(name)] = {"removed": len(value) if isinstance(value, str | list | dict) else 1}
        else:
            found[text(name)] = _bounded(value, _DEEPEST)
    return found


def text(value: str, most: int = MOST_TEXT) -> str:
    """A text that any JSON reader takes, cut to `most` characters."""
    short = value if len(value) <= most else f"{value[:most]}… ({len(value)} characters)"
    return short.encode("utf-8", "backslashreplace").decode()


def _bounded(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list | dict) and (depth == 0 or len(value) > _MOST_MEMBERS):
        return f"{len(value)} members"
    if isinstance(value, list):
        return [_bounded(each, depth - 1) for each in value]
    if isinstance(value, dict):
        return {text(name): _bounded(each, depth - 1) for name, each in value.items()}
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return "a number of many digits"
    return value

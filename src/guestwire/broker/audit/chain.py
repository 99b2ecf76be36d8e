"""A line of the log: a JSON object whose last member, `hash`, covers it and the hash of the line before.

    hash = SHA-256(hash of the line before, 64 hex digits | the line up to `,"hash":`)

Whoever changes, removes or inserts a line has to change every hash after it. Whoever can write the file can do that, or
cut its end off: keep the last hash somewhere else to notice it.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

START = "0" * 64
"""Stands for the hash of the line before the first one."""

_MARK = b',"hash":"'
_encode = msgspec.json.encode


def seal(record: dict[str, Any], before: str) -> tuple[bytes, str]:
    """The line of `record`, with its newline, and its hash."""
    body = _encode(record)[:-1]
    digest = hash_of(body, before)
    return body + _MARK + digest.encode() + b'"}\n', digest


def hash_of(body: bytes, before: str) -> str:
    """The hash of a line's body."""
    return hashlib.sha256(before.encode() + body).hexdigest()


def split(line: bytes) -> tuple[bytes, str] | None:
    """Body and hash of a line without its newline; None for what is no line of a log."""
    body, mark, rest = line.rpartition(_MARK)
    if not mark or len(rest) != 66 or rest[64:] != b'"}' or not rest[:64].isalnum():
        return None
    return body, rest[:64].decode()


def record_of(line: bytes) -> dict[str, Any] | None:
    """The object of a line; None for what is none."""
    try:
        found = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None

"""Reading the audit log: is the chain whole, and what were the last calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from guestwire.broker.audit.chain import START, hash_of, record_of, split
from guestwire.broker.audit.log import KEPT, numbered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BLOCK = 256 << 10
_MOST_READ = 64 << 20
"""Bytes that a search of the last calls looks at."""


@dataclass(frozen=True)
class Verdict:
    """`broken` is the number of the first line that is wrong (1 is the first), None when all are right; `why` says what
    is wrong with it. `last` is the hash of the last right line.
    """

    lines: int
    last: str
    broken: int | None = None
    why: str = ""


def verify(path: Path) -> Verdict:
    """Follow the chain of one file; its first line must follow the last of FILE.1 where that is there.

    Raises OSError.
    """
    before, number, count = START, 0, 0
    with path.open("rb") as file:
        for count, line in enumerate(file, 1):
            record, parts = record_of(line), split(line.rstrip(b"\n"))
            if record is None or parts is None or not line.endswith(b"\n"):
                return Verdict(count - 1, before, count, "it is no whole record")
            if count == 1 and record.get("kind") == "continued":
                before, number = str(record.get("before")), _number(record) - 1
                if (earlier := _last_hash(numbered(path, 1))) is not None and earlier != before:
                    return Verdict(
                        0, START, 1, f"it does not follow the last line of {numbered(path, 1).name}"
                    )
            if hash_of(parts[0], before) != parts[1]:
                return Verdict(
                    count - 1, before, count, "its hash does not fit: this line or one before was changed"
                )
            if _number(record) != number + 1 or number < 0:
                return Verdict(count - 1, before, count, "its number is not the next one: lines are missing")
            before, number = parts[1], number + 1
    return Verdict(count, before)


def tail(path: Path, *, guest: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """The last calls, the newest first, of one guest or all: objects as they are in the log. Looks into FILE.1 and so
    on as well. Files that are not there have no calls.
    """
    found: list[dict[str, Any]] = []
    read = 0
    for each in [path, *(numbered(path, number) for number in range(1, KEPT + 1))]:
        for line in _backwards(each):
            read += len(line)
            if len(found) >= limit or read > _MOST_READ:
                return found
            record = record_of(line) if guest is None or guest.encode() in line else None
            if record is not None and "command" in record and guest in (None, record.get("guest")):
                found.append(record)
    return found


def _number(record: dict[str, Any]) -> int:
    found = record.get("n")
    return found if type(found) is int else 0


def _last_hash(path: Path) -> str | None:
    line = next(_backwards(path), b"")
    parts = split(line)
    return None if parts is None else parts[1]


def _backwards(path: Path) -> Iterator[bytes]:
    """Whole lines from the last to the first, without their newlines."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        at = file.seek(0, 2)
        rest = b""
        while at > 0:
            step = min(_BLOCK, at)
            at -= step
            file.seek(at)
            rest, *lines = (file.read(step) + rest).split(b"\n")
            yield from (line for line in reversed(lines) if line)
        if rest:
            yield rest

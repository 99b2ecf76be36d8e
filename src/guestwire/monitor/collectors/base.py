"""What a collector is: a section of figures, and the ladder of steps that can give it.

A collector is one file with one `SECTION`. A step names what it asks (commands without arguments, or files
of the guest) and turns the answers into samples. It need not be careful: whatever it raises over a strange
answer makes the section unknown with the reason `invalid`, and no other section is hurt.
"""

from __future__ import annotations

import enum
import errno
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from guestwire.monitor.samples import Source, Unknown

if TYPE_CHECKING:
    from guestwire.monitor.samples import Sample

BULK = "guestwire-get-metrics"  # asked once a poll, whichever sections read its answer

FILE_LIMIT = 256 << 10  # bytes of a file under /proc
_HUNG = os.strerror(errno.ETIMEDOUT)
LISTED = 256  # disks, interfaces, filesystems or CPUs of one guest that are looked at


class Pace(enum.IntEnum):
    """How often a section is asked, in seconds at least; FAST is every poll."""

    FAST = 0
    MEDIUM = 60
    SLOW = 240


@dataclass(slots=True)
class Answers:
    """The answers of one step, in the order of its commands or files; wall clock of the host around the last one."""

    values: list[Any]
    asked: float = 0.0
    answered: float = 0.0

    def one(self) -> Any:
        """The only answer."""
        (value,) = self.values
        return value

    def listed(self) -> list[dict[str, Any]]:
        """The only answer, which must be a list of objects."""
        value = self.one()
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ValueError("not a list of objects")
        return value[:LISTED]

    def text(self, index: int = 0) -> str:
        """A file's text."""
        data: bytes = self.values[index]
        return data.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Step:
    """One way to get a section: what it asks, and how the answers are read; `member` of the bulk answer it wants."""

    source: Source
    read: Callable[[Answers], Iterable[Sample]]
    commands: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    member: str = ""


def bulk(member: str, read: Callable[[Answers], Iterable[Sample]]) -> Step:
    """The step that reads one member of our agent's answer, often in the form of a stock command's answer."""

    def read_member(answers: Answers) -> Iterable[Sample]:
        return read(Answers([answers.one()[member]], answers.asked, answers.answered))

    return Step(Source.METRICS, read_member, commands=(BULK,), member=member)


def untold(answer: Any, member: str) -> Unknown | None:
    """Why the bulk answer is without a member: the agent says so, or does not know it; None if it is there."""
    if not isinstance(answer, dict) or member in answer:
        return None
    missing = answer.get("missing")
    for entry in missing if isinstance(missing, list) else []:
        if isinstance(entry, dict) and entry.get("section") == member:
            return Unknown.TIMEOUT if entry.get("reason") == _HUNG else Unknown.FAILED
    return Unknown.NO_COMMAND


@dataclass(frozen=True, slots=True)
class Section:
    """Figures that come together: `metrics` are their names, `steps` the ladder, best first."""

    name: str
    metrics: tuple[str, ...]
    steps: tuple[Step, ...]
    pace: Pace = Pace.FAST


def number(value: Any) -> float:
    """A number of an answer; ValueError for anything else (a bool is no number)."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{type(value).__name__} is no number")
    return float(value)

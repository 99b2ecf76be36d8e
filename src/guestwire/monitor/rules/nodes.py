"""What an expression is made of, once parsed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from guestwire.monitor.rules import pattern

if TYPE_CHECKING:
    from guestwire.monitor.samples import Labels


@dataclass(frozen=True, slots=True)
class Matcher:
    """`label OP "value"`; OP is one of = != =~ !~, regular expressions match whole values."""

    label: str
    op: str
    value: str

    def matches(self, text: str) -> bool:
        """Whether the label's value (empty if the series has no such label) fits."""
        found = pattern.fits(self.value, text) if self.op[-1] == "~" else text == self.value
        return found == (self.op in ("=", "=~"))


def all_match(matchers: tuple[Matcher, ...], labels: Labels) -> bool:
    """Whether labels fit every matcher."""
    values = dict(labels) if matchers else {}
    return all(matcher.matches(values.get(matcher.label, "")) for matcher in matchers)


@dataclass(frozen=True, slots=True)
class Number:
    """A literal."""

    value: float


@dataclass(frozen=True, slots=True)
class Selector:
    """`name{matchers}[window] offset shift`; `window` in seconds is 0 for an instant, `shift` in seconds."""

    name: str
    matchers: tuple[Matcher, ...] = ()
    window: float = 0.0
    shift: float = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`op by|without (labels) (inner)`."""

    op: str
    inner: Node
    labels: frozenset[str]
    without: bool


@dataclass(frozen=True, slots=True)
class Binary:
    """`left op right`, matched on all labels, `on` some, or ignoring some."""

    op: str
    left: Node
    right: Node
    on: frozenset[str] | None = None
    ignoring: frozenset[str] = frozenset()
    as_bool: bool = False


@dataclass(frozen=True, slots=True)
class Negate:
    """`-inner`."""

    inner: Node


Node = Number | Selector | Call | Aggregate | Binary | Negate

"""What is measured: samples, the series they belong to, and the bounds that hold a hostile guest.

A series is a guest, a metric name and labels. Names and labels are node_exporter's wherever it has the
figure, so that nothing needs translating on the way out. A sample is a float; its time is the host's clock
at the answer, never the guest's. Everything a guest says passes `admit()` before it becomes a series: this
is the one place with bounds.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field
from typing import NamedTuple

Labels = tuple[tuple[str, str], ...]
"""Label pairs in the order of their names."""


class Kind(enum.StrEnum):
    """How a metric moves: a counter only grows (or starts anew), a gauge goes anywhere."""

    COUNTER = "counter"
    GAUGE = "gauge"


class Source(enum.StrEnum):
    """The step of the ladder that gave a figure, best first."""

    METRICS = "guestwire-get-metrics"
    STOCK = "guest-get"
    FILES = "guest-file-read"
    HOST = "host"
    CUSTOM = "custom"


class Unknown(enum.StrEnum):
    """Why a figure has no value now. Unknown is never written as 0."""

    SILENT = "silent"  # the agent does not answer
    NO_AGENT = "no-agent"  # nobody ever answered on this channel
    NO_CHANNEL = "no-channel"  # the guest has no channel to an agent
    BUSY = "busy"  # somebody else's command holds the channel
    FROZEN = "frozen"  # filesystems are frozen: only a few commands may run
    PAUSED = "paused"  # the guest does not run
    OFF = "off"  # the guest is shut off
    MIGRATING = "migrating"
    NO_COMMAND = "no-command"  # no step of the ladder has a command for it
    DISABLED = "disabled"  # the guest's policy forbids the command
    FAILED = "failed"  # the command answered with an error
    INVALID = "invalid"  # the answer made no sense
    TIMEOUT = "timeout"  # this source hung inside the guest


class Sample(NamedTuple):
    """One figure of one guest: `labels` sorted by name."""

    name: str
    labels: Labels
    value: float


@dataclass(slots=True)
class Poll:
    """All that one poll of one guest brought. `at` is the host's wall clock in seconds.

    `sources` tells the step of the ladder for each metric name; `unknown` the reason for each name without
    value.
    """

    guest: str
    at: float
    samples: list[Sample]
    sources: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one guest may say."""

    samples_per_poll: int = 2000
    series_per_guest: int = 5000  # ever, until retention forgets them
    labels: int = 8
    name_length: int = 128
    value_length: int = 256


LIMITS = Limits()

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
_RESERVED = frozenset({"guest", "job", "instance", "le", "quantile"})
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def labels_of(**pairs: str) -> Labels:
    """Labels from keywords, in the one order that a series key has."""
    return tuple(sorted(pairs.items()))


def clean_text(text: str, limit: int) -> str:
    """`text` with control characters, lone surrogates and other unprintables replaced, and cut to `limit`."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _REPLACEMENT for c in text)


def admit(name: object, labels: Labels, limits: Limits = LIMITS) -> tuple[str, Labels] | None:
    """The series key a guest's own name and labels are stored under, or None if they are beyond repair.

    A name must be a metric name of the Prometheus data model. Label values are cleaned and cut, never
    refused; names that exporters add themselves (`guest`, `instance`, ...) are refused, so that no guest
    speaks for another.
    """
    if not isinstance(name, str) or len(name) > limits.name_length or not _NAME.match(name):
        return None
    if len(labels) > limits.labels:
        return None
    pairs: dict[str, str] = {}
    for key, value in labels:
        if len(key) > limits.name_length or not _NAME.match(key) or key in _RESERVED or key.startswith("__"):
            return None
        pairs[key] = clean_text(value, limits.value_length)
    return name, tuple(sorted(pairs.items()))


def usable(value: object) -> bool:
    """Whether a guest's value can be a sample: a finite number (a bool is not one)."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return -1e300 < value < 1e300  # NaN compares false

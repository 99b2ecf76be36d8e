"""The guest's clock against the host's: guest-get-time, nanoseconds since the epoch."""

from __future__ import annotations

from collections.abc import Iterator

from guestwire.monitor.collectors.base import Answers, Pace, Section, Step, number
from guestwire.monitor.samples import Sample, Source

NAMES = ("node_time_seconds", "guestwire_guest_clock_offset_seconds")


def from_command(answers: Answers) -> Iterator[Sample]:
    """The guest looked at its clock at some time between question and answer: the middle is the best guess."""
    guest = number(answers.one()) / 1e9
    yield Sample(NAMES[0], (), guest)
    yield Sample(NAMES[1], (), round(guest - (answers.asked + answers.answered) / 2, 6))


SECTION = Section(
    "clock", NAMES, (Step(Source.STOCK, from_command, commands=("guest-get-time",)),), Pace.MEDIUM
)

"""How many processes there are, as our agent tells it."""

from __future__ import annotations

from collections.abc import Iterator

from guestwire.monitor.collectors.base import Answers, Pace, Section, bulk, number
from guestwire.monitor.samples import Sample

NAME = "guestwire_guest_processes"


def from_metrics(answers: Answers) -> Iterator[Sample]:
    """The number alone; who uses most is for people who look, not for history."""
    yield Sample(NAME, (), number(answers.one()["total"]))


SECTION = Section("processes", (NAME,), (bulk("processes", from_metrics),), Pace.MEDIUM)

"""Load averages: guest-get-load, or /proc/loadavg."""

from __future__ import annotations

from collections.abc import Iterator

from guestwire.monitor.collectors.base import Answers, Section, Step, bulk, number
from guestwire.monitor.samples import Sample, Source

NAMES = ("node_load1", "node_load5", "node_load15")


def from_command(answers: Answers) -> Iterator[Sample]:
    """guest-get-load."""
    load = answers.one()
    for name, key in zip(NAMES, ("load1m", "load5m", "load15m"), strict=True):
        yield Sample(name, (), number(load[key]))


def from_file(answers: Answers) -> Iterator[Sample]:
    """/proc/loadavg."""
    for name, text in zip(NAMES, answers.text().split()[:3], strict=True):
        yield Sample(name, (), float(text))


SECTION = Section(
    "load",
    NAMES,
    (
        bulk("load", from_command),
        Step(Source.STOCK, from_command, commands=("guest-get-load",)),
        Step(Source.FILES, from_file, files=("/proc/loadavg",)),
    ),
)

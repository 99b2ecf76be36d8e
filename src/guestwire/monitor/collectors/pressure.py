"""Pressure stall information: /proc/pressure, microseconds since boot."""

from __future__ import annotations

from collections.abc import Iterator

from guestwire.monitor.collectors.base import Answers, Pace, Section, Step, bulk, number
from guestwire.monitor.samples import Sample, Source

RESOURCES = ("cpu", "io", "memory")


WORDS = {"some": "waiting", "full": "stalled"}


def from_metrics(answers: Answers) -> Iterator[Sample]:
    """Our agent's pressure section, in the same units."""
    for record in answers.listed():
        resource, stall = record["resource"], record["stall"]
        if resource in RESOURCES and (resource, stall) != ("cpu", "full"):
            name = f"node_pressure_{resource}_{WORDS[stall]}_seconds_total"
            yield Sample(name, (), number(record["total"]) / 1_000_000)


def from_files(answers: Answers) -> Iterator[Sample]:
    """`some` is waiting, `full` is stalled; the CPU's `full` means nothing at the level of a system."""
    for index, resource in enumerate(RESOURCES):
        for line in answers.text(index).splitlines():
            kind, *fields = line.split()
            if resource == "cpu" and kind == "full":
                continue
            total = dict(field.split("=") for field in fields)["total"]
            word = WORDS[kind]
            yield Sample(f"node_pressure_{resource}_{word}_seconds_total", (), int(total) / 1_000_000)


SECTION = Section(
    "pressure",
    tuple(
        f"node_pressure_{resource}_{word}_seconds_total"
        for resource in RESOURCES
        for word in (("waiting",) if resource == "cpu" else ("waiting", "stalled"))
    ),
    (
        bulk("pressure", from_metrics),
        Step(Source.FILES, from_files, files=tuple(f"/proc/pressure/{resource}" for resource in RESOURCES)),
    ),
    Pace.MEDIUM,
)

"""Failed units of systemd, as our agent tells them."""

from __future__ import annotations

from collections.abc import Iterator

from guestwire.monitor.collectors.base import Answers, Pace, Section, bulk, number
from guestwire.monitor.samples import Sample

NAMES = ("node_systemd_units", "node_systemd_unit_state")
_NAMED = 20  # units that get a series of their own; all are counted


def from_metrics(answers: Answers) -> Iterator[Sample]:
    """How many have failed, and which."""
    units = answers.one()
    yield Sample(NAMES[0], (("state", "failed"),), number(units["failed-count"]))
    for name in units["failed"][:_NAMED]:
        yield Sample(NAMES[1], (("name", str(name)), ("state", "failed")), 1.0)


SECTION = Section("units", NAMES, (bulk("units", from_metrics),), Pace.MEDIUM)

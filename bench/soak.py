"""Mixed load on the agent in a real guest: what its process looked like at first, and at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from bench.pairs import Figure

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.e2e.harness.guest import Guest
from tests.e2e.soak import soak

SECONDS = 600.0
NOTES = (
    "`ours` is the end and `peer` the look after the first batch, when all was in use; 1x means no growth."
)


def run(folder: Path, quick: bool) -> Iterator[Figure]:
    """Ten minutes' worth; a minute when `quick`."""
    with Guest() as guest:
        guest.start_agent()
        looks = list(soak(guest, SECONDS / 10 if quick else SECONDS))
    first, last = looks[1], looks[-1]
    yield Figure(f"resident memory, {last.calls} calls later", last.rss, first.rss, "KiB")
    yield Figure("open descriptors", last.descriptors, first.descriptors, "")
    yield Figure("threads", last.threads, first.threads, "")
    yield Figure("processes in the guest", last.processes, first.processes, "")

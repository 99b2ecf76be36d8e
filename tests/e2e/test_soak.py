"""An agent under mixed load for an hour grows in nothing: `make e2e SOAK=1`, or SOAK=SECONDS."""

from __future__ import annotations

import os

import pytest

from .harness.guest import Guest
from .soak import soak

HOUR = 3600.0
GROWTH = 2048  # KiB of resident memory that a later third may have more than an earlier one


@pytest.mark.timeout(2 * HOUR)
def test_nothing_grows(light: Guest) -> None:
    wanted = os.environ.get("SOAK", "")
    if not wanted:
        pytest.skip("full part: SOAK=1 (make e2e SOAK=1) runs it for an hour")
    looks = list(soak(light, HOUR if wanted == "1" else float(wanted)))
    third = max(1, len(looks) // 3)
    early, late = looks[1 : third + 1], looks[-third:]
    print(f"{looks[-1].calls} calls; {looks[1]} … {looks[-1]}")
    assert max(x.rss for x in late) <= max(x.rss for x in early) + GROWTH
    assert max(x.descriptors for x in late) <= max(x.descriptors for x in early)
    assert max(x.threads for x in late) <= max(x.threads for x in early)
    assert max(x.processes for x in late) <= max(x.processes for x in early) + 2
    assert all(x.zombies <= 1 for x in looks), (
        "a program that has just ended may not have been waited for yet"
    )
    light.until("! cat /proc/[0-9]*/stat 2>/dev/null | grep -q ') Z '")

"""How long history is kept, and how fine: the table that bounds the size of a store."""

from __future__ import annotations

from typing import NamedTuple

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


class Tier(NamedTuple):
    """One resolution of history; all in milliseconds."""

    step: int  # width of a bucket, 0 for samples as they came
    keep: int
    merge: int  # blocks of one such period are merged into one when it is over; 0: they stay as they are


RAW, MINUTES, HOURS = 0, 1, 2
TIERS = (
    Tier(step=0, keep=48 * HOUR, merge=0),
    Tier(step=5 * MINUTE, keep=30 * DAY, merge=DAY),
    Tier(step=HOUR, keep=400 * DAY, merge=30 * DAY),
)

"""What keeps a process of many long-lived objects and some threads answering at once.

The garbage collector's full round walks through everything that lives: with hundreds of guests it stops the event
loop for a tenth of a second. What has been there for a while stays, so it is put out of the collector's sight. And a
thread that computes (a compaction, a chart) gives way to the event loop after a millisecond, not after five.
"""

from __future__ import annotations

import asyncio
import gc
import sys

SWITCH = 0.001  # seconds
OFTEN, SELDOM = 10.0, 600.0
FRESH = 12  # rounds, while guests are met for the first time


async def stay_calm() -> None:
    """Do so until cancelled."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)
    try:
        gc.collect()
        for _ in range(FRESH):
            gc.freeze()
            await asyncio.sleep(OFTEN)
        while True:
            gc.collect()  # short: of what came since the last round
            gc.freeze()
            await asyncio.sleep(SELDOM)
    finally:
        gc.unfreeze()
        sys.setswitchinterval(before)

"""The daemon with a watch on its event loop: `python bench/stalls.py FILE [OPTION OF guestwire.daemon]…`.

A task wakes every five milliseconds; how late it comes is how long nobody else was served. At the end FILE holds the
milliseconds of the longest delays, longest first.
"""

from __future__ import annotations

import asyncio
import heapq
import json
import sys
import time
from pathlib import Path

from guestwire.daemon.__main__ import main
from guestwire.daemon.service import Service

EVERY = 0.005
KEPT = 100
SETTLE = 15.0  # seconds in which the daemon starts, meets its guests and is not watched

delays: list[float] = []
_run = Service.run


async def watch() -> None:
    await asyncio.sleep(SETTLE)
    while True:
        began = time.perf_counter()
        await asyncio.sleep(EVERY)
        late = (time.perf_counter() - began - EVERY) * 1000
        (heapq.heappush if len(delays) < KEPT else heapq.heappushpop)(delays, late)


async def run(service: Service) -> None:
    watching = asyncio.create_task(watch())
    try:
        await _run(service)
    finally:
        watching.cancel()


if __name__ == "__main__":
    Service.run = run  # type: ignore[method-assign]
    status = main(sys.argv[2:])
    Path(sys.argv[1]).write_text(json.dumps(sorted(delays, reverse=True)))
    sys.exit(status)

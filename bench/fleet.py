"""A made-up fleet behind the real web application: guests with a past, faults and alerts that the real rules find.

For the dashboard's benchmark, screenshots and browser tests. Figures go into a real store through the real monitor;
only the poller is a stand-in.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from bench.made_up import HOSTILE, ROLES, Guest
from guestwire.monitor.poller import Counts
from guestwire.monitor.rules.load import DEFAULT_RULES, load_rules
from guestwire.monitor.store.store import Store
from guestwire.monitor.watch import Monitor
from guestwire.web.app import make_app
from guestwire.web.site import Site

if TYPE_CHECKING:
    from guestwire.monitor.targets import Target

INTERVAL = 10.0
FAULTS = {
    11: "full",
    23: "silent",
    14: "busy",
    3: "clock",
    8: "unit",
    5: "paused",
    17: "off",
    9: "frozen",
    6: "memory",
}
HERO = 11  # the guest with a whole day of history


class Watcher:
    """What the web side sees of a guest's polling."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.counts = Counts(polls=3, seconds=3 * random.uniform(0.002, 0.009))


class Polls:
    """Stands where the poller is."""

    def __init__(self, guests: list[Guest]) -> None:
        self.watchers = [Watcher(guest.target) for guest in guests]


class Fleet:
    """`count` guests with half an hour of history, the hero with a day; `hostile` makes number 2 an evil one."""

    def __init__(self, folder: Path, count: int = 40, *, hostile: bool = False, day: bool = True) -> None:
        self.guests = []
        for number in range(count):
            fault = "hostile" if hostile and number == 2 else FAULTS.get(number, "")
            name = (
                HOSTILE
                if fault == "hostile"
                else f"{ROLES[number % len(ROLES)]}-{number // len(ROLES) + 1:02d}"
            )
            self.guests.append(Guest(number, name, fault))
        self.monitor = Monitor(Store(folder / "history.db"), load_rules(DEFAULT_RULES))
        self.site = Site(self.monitor, Polls(self.guests), interval=INTERVAL)  # type: ignore[arg-type]
        self._fill(time.time(), day)

    def _fill(self, now: float, day: bool) -> None:
        hero = next((guest for guest in self.guests if guest.number == HERO), None)
        if hero is not None and day:
            for ago in range(86400, 2100, -60):
                self.take(hero, now - ago, 60, answers=not 30000 < ago < 32400)
        for ago in range(2100, -1, -30):
            for guest in self.guests:
                self.take(guest, now - ago, 30)
            if ago % 60 == 0:
                list(self.monitor.engine.run(now - ago))
        self.monitor.store.flush()

    def take(self, guest: Guest, at: float, dt: float, *, answers: bool = True) -> None:
        """One poll of a guest, if it runs."""
        if guest.fault in ("off", "paused"):
            return
        away = guest.fault == "silent" and time.time() - at < 900
        self.monitor.take(guest.poll(at, dt, answers=answers and not away), guest.name)

    async def _live(self) -> None:
        """Poll for ever, each guest every ten seconds, spread evenly."""
        while True:
            for guest in self.guests:
                await asyncio.sleep(INTERVAL / len(self.guests))
                self.take(guest, time.time(), INTERVAL)

    @asynccontextmanager
    async def serve(self, port: int = 0, *, live: bool = True) -> AsyncIterator[str]:
        """The application on loopback; gives its address."""
        runner = web.AppRunner(make_app(self.site), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        polling = asyncio.create_task(self._live()) if live else None
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            if polling is not None:
                polling.cancel()
                await asyncio.gather(polling, return_exceptions=True)
            await runner.cleanup()
            self.monitor.close()


async def main() -> None:
    """Serve a fleet until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--guests", type=int, default=40)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--hostile", action="store_true", help="one guest with evil strings everywhere")
    options = parser.parse_args()
    fleet = Fleet(options.folder, options.guests, hostile=options.hostile)
    async with fleet.serve(options.port) as address:
        print(address, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())

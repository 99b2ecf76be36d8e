"""The application: follows the daemon, and feeds the two screens."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import msgspec
from textual.app import App

from guestwire.cli.clean import clean
from guestwire.cli.top.guest import GuestScreen
from guestwire.cli.top.overview import Overview
from guestwire.cli.top.source import Daemon, DaemonError
from guestwire.web.shapes import Row

if TYPE_CHECKING:
    from collections.abc import Iterable

AGAIN = 2.0
"""Seconds until a daemon that went away is tried again."""

AFRESH = 60.0
"""Seconds between two fetches of everything, which bring the sparklines."""


class Top(App[None]):
    """`daemon` is open already, and stays the caller's."""

    TITLE = "guestwire"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, daemon: Daemon) -> None:
        super().__init__()
        self.daemon = daemon
        self.overview = Overview()
        self._rows: dict[str, Row] = {}
        self._fetched = 0.0

    def on_mount(self) -> None:
        """Begin with the overview."""
        self.push_screen(self.overview)
        self.run_worker(self._follow(), name="follow")

    def open_guest(self, row: Row) -> None:
        """Open a guest's page."""
        self.push_screen(GuestScreen(self.daemon, row.id, row.name))

    async def _follow(self) -> None:
        """Take everything, then what changes; and again when the daemon was away."""
        while True:
            try:
                await self._take_all()
                async for kind, data in self.daemon.events():
                    if kind == "reset" or time.monotonic() - self._fetched > AFRESH:
                        await self._take_all()
                    elif kind == "guests":
                        self._take_changes(data)
                trouble = f"{self.daemon.url}: the daemon has ended"
            except DaemonError as error:
                trouble = str(error)
            except (msgspec.ValidationError, KeyError, TypeError) as error:
                trouble = f"{self.daemon.url}: an event that is none: {error}"
            self.overview.say(f"{clean(trouble)}; trying again")
            await asyncio.sleep(AGAIN)

    async def _take_all(self) -> None:
        self._rows = {row.id: row for row in await self.daemon.guests()}
        self._fetched = time.monotonic()
        self._show()

    def _take_changes(self, data: Any) -> None:
        for row in msgspec.convert(data["guests"], list[Row]):
            before = self._rows.get(row.id)
            row.sparks = before.sparks if before else None
            self._rows[row.id] = row
        gone: Iterable[str] = data["gone"]
        for identity in gone:
            self._rows.pop(identity, None)
        self._show()

    def _show(self) -> None:
        self.overview.show(list(self._rows.values()))

"""The host daemon as one asyncio process: guests are watched, history is kept, HTTP is answered.

SIGHUP reads the configuration again: guests and rules change, polls of the guests that stay go on. SIGTERM and
SIGINT end it: polls first, then HTTP, then what was measured is flushed.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from aiohttp import web

from guestwire.agent.hosting.systemd import Notifier
from guestwire.daemon.build import channels_of, guard, lookout_of, monitor_of, rules_of, sections_of
from guestwire.daemon.calm import stay_calm
from guestwire.daemon.monitors import Monitors
from guestwire.errors import ConfigError, StartError
from guestwire.monitor.poller import Poller
from guestwire.monitor.targets import GuestState, Targets
from guestwire.web.app import make_app, make_runner
from guestwire.web.site import Site
from guestwire.web.tls import context_of

if TYPE_CHECKING:
    from guestwire.client import AsyncGuestAgent
    from guestwire.daemon.config import Config
    from guestwire.monitor.ladder import Asker

_log = logging.getLogger(__name__)


class Service:
    """One daemon. `reread` gives the configuration anew on SIGHUP."""

    def __init__(self, config: Config, reread: Callable[[], Config]) -> None:
        guard(config)
        self.config = config
        self.port = 0
        self.stop = asyncio.Event()
        self._reread = reread
        self._notifier = Notifier()
        self._targets = Targets()
        self._reloads: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self.monitor = monitor_of(config)
        self._lookout = lookout_of(config)
        self._monitors = Monitors()
        self.channels = channels_of(config)
        self.site: Site | None = None
        self.poller = Poller(
            self.channels.for_polls, _close, sections_of(config), self.monitor.take, interval=config.interval
        )

    async def run(self) -> None:
        """Serve until `stop` is set or a signal comes. Raises StartError when the port is taken."""
        loop = asyncio.get_running_loop()
        self.site = Site(
            self.monitor,
            self.poller,
            self.config.settings,
            interval=self.config.interval,
            reach=self.channels.for_work,
            audit=self.config.audit,
        )
        runner = make_runner(make_app(self.site))
        duties: asyncio.Task[None] | None = None
        calm = asyncio.create_task(stay_calm())
        try:
            await self._listen(runner)
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.stop.set)
            loop.add_signal_handler(signal.SIGHUP, self._hang_up)
            duties = asyncio.create_task(self.monitor.run())
            duties.add_done_callback(lambda _: self.stop.set())
            await self.channels.open()
            self._lookout = lookout_of(self.config, self._lookout, self.channels.run_dir)
            await self._take()
            self._looking = asyncio.create_task(self._look())
            self._notifier.ready(f"{len(self._targets.known)} guests, {self.address}")
            _log.info(
                "%s watches %d guests, history in %s",
                self.address,
                len(self._targets.known),
                self.config.data_dir,
            )
            await self._until_stopped()
        finally:
            self._notifier.stopping()
            calm.cancel()
            await self._end(runner, duties)

    @property
    def address(self) -> str:
        """The address to open in a browser."""
        host = self.config.listen[0]
        scheme = "https" if self.config.web.tls_cert else "http"
        return f"{scheme}://[{host}]:{self.port}/" if ":" in host else f"{scheme}://{host}:{self.port}/"

    async def _listen(self, runner: web.AppRunner) -> None:
        await runner.setup()
        host, port = self.config.listen
        try:
            await web.TCPSite(runner, host, port, ssl_context=context_of(self.config.settings)).start()
        except OSError as error:
            raise StartError(f"cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}") from None
        self.port = runner.addresses[0][1]

    async def _until_stopped(self) -> None:
        """Wait for the end; tell systemd's watchdog meanwhile that the loop turns."""
        usec = os.environ.get("WATCHDOG_USEC", "")
        every = int(usec) / 2e6 if usec.isdigit() and int(usec) else None
        while not self.stop.is_set():
            try:
                await asyncio.wait_for(self.stop.wait(), every)
            except TimeoutError:
                self._notifier.tell("WATCHDOG=1")

    def _hang_up(self) -> None:
        task = asyncio.ensure_future(self.reload())
        self._reloads.add(task)  # a task that nobody holds may be collected
        task.add_done_callback(self._reloads.discard)

    async def reload(self) -> None:
        """Take guests and rules anew; a configuration with a mistake changes nothing."""
        try:
            config = self._reread()
            rules = rules_of(config)
        except ConfigError as error:
            _log.error("not reloaded: %s", error)
            self._notifier.tell(f"STATUS=not reloaded: {error}")
            return
        self.monitor.engine.reload(rules)
        if self.site is not None:
            self.site.reload(replace(config.settings, host=self.config.listen[0]))
        self.config = config
        self._lookout = lookout_of(config, self._lookout, self.channels.run_dir)
        await self._take()
        _log.info("reloaded: %d guests, %d rules", len(self._targets.known), len(rules))

    async def _look(self) -> None:
        """Guests come and go: look again with every interval."""
        while True:
            await asyncio.sleep(self.config.interval)
            await self._take()

    async def _take(self) -> None:
        """Watch the guests that are there now, and no others."""
        async with self._turn:
            found = await asyncio.to_thread(self._lookout.look, self.config.guests)
            found = await self._monitors.look(found)
            places = {target.identity: target.address for target in self._targets.known.values()}
            change = self._targets.update(found)
            for target in change.added:
                await self.channels.add(target)
                self.poller.add(target)
            for target in change.changed:
                if places[target.identity] != target.address:
                    await self.channels.move(target)
                await self.poller.change(target)
                if target.state is GuestState.OFF:
                    self.monitor.engine.forget(target.identity, time.time())
            for target in change.removed:
                await self.poller.remove(target.identity)
                await self.channels.remove(target.identity)
                self.monitor.engine.forget(target.identity, time.time())

    async def _end(self, runner: web.AppRunner, duties: asyncio.Task[None] | None) -> None:
        tasks = [*self._reloads, *([self._looking] if self._looking else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.poller.stop()
        await runner.cleanup()
        await self.channels.close()
        fault = None
        if duties is not None:
            duties.cancel()
            fault = (await asyncio.gather(duties, return_exceptions=True))[0]
        self.monitor.close()
        if isinstance(fault, Exception):
            raise fault


async def _close(agent: Asker) -> None:
    await cast("AsyncGuestAgent", agent).close()

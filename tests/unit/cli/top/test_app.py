"""The application follows the daemon, also when it goes and comes back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from aiohttp.test_utils import TestServer, unused_port

from guestwire.cli.top import app as module
from guestwire.cli.top.app import Top
from guestwire.cli.top.source import Daemon
from guestwire.monitor.samples import Poll
from guestwire.web.app import make_app
from guestwire.web.site import Site
from tests.unit.web.conftest import silent

from .conftest import screen_of, until

if TYPE_CHECKING:
    import pytest


async def test_what_changes_is_seen(daemon: Daemon, site: Site) -> None:
    app = Top(daemon)
    async with app.run_test(size=(80, 24)):
        await until(lambda: "89% /" in screen_of(app), lambda: screen_of(app))
        gone = silent(time.time())
        site.monitor.take(Poll("u-1", gone.at, gone.samples, {}, {}), "web1")
        await until(lambda: "0 up, 2 in trouble" in screen_of(app), lambda: screen_of(app))


async def test_a_daemon_that_comes_later(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.05)
    port = unused_port()
    async with Daemon(f"http://127.0.0.1:{port}") as daemon:
        app = Top(daemon)
        async with app.run_test(size=(120, 24)) as pilot:
            await until(lambda: "no daemon answers there" in screen_of(app), lambda: screen_of(app))
            server = TestServer(make_app(site), port=port)
            await server.start_server(shutdown_timeout=0.1)
            await until(lambda: "3 guests" in screen_of(app), lambda: screen_of(app))
            await server.close()
            await until(lambda: "trying again" in screen_of(app), lambda: screen_of(app))
            await pilot.press("q")

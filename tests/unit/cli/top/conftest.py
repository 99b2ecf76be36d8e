"""A daemon for `top`: the real application with three guests (one of a hostile name), on a real port."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp.test_utils import TestServer

from guestwire.cli.top.app import Top
from guestwire.cli.top.source import Daemon
from guestwire.web.app import make_app
from guestwire.web.site import Site
from tests.unit.web.conftest import site

__all__ = ["site"]


@pytest.fixture
async def server(site: Site) -> AsyncIterator[TestServer]:
    made = TestServer(make_app(site))
    await made.start_server(shutdown_timeout=0.1)
    yield made
    await made.close()


@pytest.fixture
async def daemon(server: TestServer) -> AsyncIterator[Daemon]:
    async with Daemon(str(server.make_url("/"))) as made:
        yield made


def screen_of(app: Top) -> str:
    """What stands on the terminal now."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def until(condition: Callable[[], bool], say: Callable[[], str] = str) -> None:
    """Wait for what another task does."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, say()
        await asyncio.sleep(0.02)

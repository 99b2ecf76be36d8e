"""The HTTP side of the daemon as one aiohttp application: routes, the guard in front of them, how errors look."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from guestwire.web import events, pages
from guestwire.web.guard import Guard
from guestwire.web.site import SITE, Site
from guestwire.web.table import ROUTES
from guestwire.web.warm import warm

LINE = 64 << 10  # bytes of a request's first line: paths of a guest's files stand in it, with % and all


def make_app(site: Site) -> web.Application:
    """The application."""
    guard = Guard(site)
    app = web.Application(middlewares=[guard.middleware()], client_max_size=64 << 10)
    app[SITE] = site
    app.add_routes([route.served(site, guard.caller) for route in ROUTES])
    app.add_routes(pages.ROUTES)
    app.on_response_prepare.append(guard.dress)
    app.on_shutdown.append(_end_streams)
    app.cleanup_ctx.append(_live)
    return app


def make_runner(app: web.Application) -> web.AppRunner:
    """What listens for it."""
    return web.AppRunner(app, access_log=None, shutdown_timeout=2.0, max_line_size=LINE)


async def _end_streams(app: web.Application) -> None:
    """Live pages must not hold the end up: they come back by themselves."""
    app[SITE].hub.close()


async def _live(app: web.Application) -> AsyncIterator[None]:
    site = app[SITE]
    tasks = [asyncio.create_task(events.duty(site)), asyncio.create_task(warm(site))]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await site.close()

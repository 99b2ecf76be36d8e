"""From the command line to the screen: which daemon is asked."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from guestwire.cli.top.app import Top
from guestwire.cli.top.own import own_daemon
from guestwire.cli.top.source import Daemon, DaemonError

if TYPE_CHECKING:
    from collections.abc import Sequence


def run(url: str | None, guests: Sequence[str], token: str, *, default: str) -> None:
    """Show the guests of the daemon at `url`, or at `default`, or else of one of our own. Raises `DaemonError`."""
    asyncio.run(_run(url, guests, token, default))


async def _run(url: str | None, guests: Sequence[str], token: str, default: str) -> None:
    async with contextlib.AsyncExitStack() as stack:
        found = url or (None if guests else await _answers(default, token))
        if found is None:
            found, token = await stack.enter_async_context(own_daemon(guests)), ""
        daemon = await stack.enter_async_context(Daemon(found, token))
        await Top(daemon).run_async()


async def _answers(url: str, token: str) -> str | None:
    """`url` if a daemon is there, even one that wants a token that we do not have."""
    async with Daemon(url, token) as daemon:
        try:
            await daemon.guests()
        except DaemonError as error:
            if "no daemon answers" in str(error):
                return None
    return url

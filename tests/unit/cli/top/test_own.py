"""A daemon of `top`'s own."""

from __future__ import annotations

import asyncio

import pytest

from guestwire.cli.top.own import own_daemon
from guestwire.cli.top.source import Daemon, DaemonError


async def test_it_watches_the_guests_and_ends() -> None:
    async with own_daemon(["web1=unix:/no/such.sock"]) as url, Daemon(url) as daemon:
        assert [row.name for row in await daemon.guests()] == ["web1"]
    async with Daemon(url) as daemon:
        with pytest.raises(DaemonError, match="no daemon"):
            await daemon.guests()


async def test_a_daemon_that_does_not_start_says_why() -> None:
    with pytest.raises(DaemonError, match=r"does not start.*NAME=ADDRESS"):
        async with own_daemon(["nonsense"]):
            await asyncio.sleep(0)

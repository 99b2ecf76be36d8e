"""Which daemon is asked."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestServer, unused_port

from guestwire.cli.top import launch
from guestwire.cli.top.app import Top


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    urls: list[str] = []

    async def run_async(self: Top) -> None:
        urls.append(self.daemon.url)

    monkeypatch.setattr(Top, "run_async", run_async)
    return urls


async def test_a_daemon_that_runs_is_taken(server: TestServer, shown: list[str]) -> None:
    url = str(server.make_url("/"))
    await launch._run(None, (), "", url)
    await launch._run(url, (), "", "http://127.0.0.1:1")
    assert shown == [url.rstrip("/")] * 2


async def test_where_none_runs_one_is_started(shown: list[str]) -> None:
    nobody = f"http://127.0.0.1:{unused_port()}"
    await launch._run(None, ("web1=unix:/no/such.sock",), "", nobody)
    assert shown[0].startswith("http://127.0.0.1:")
    assert shown[0] != nobody
    assert await launch._answers(nobody, "") is None

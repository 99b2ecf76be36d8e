"""The daemon's API as `top` asks it."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from guestwire.cli.top.source import Daemon, DaemonError, _parse


async def test_guests_and_one_of_them(daemon: Daemon) -> None:
    rows = {row.name: row for row in await daemon.guests()}
    assert rows["web1"].up is True
    assert rows["web1"].sparks is not None
    page = await daemon.guest(rows["web1"].id)
    assert page.filesystems[0].mountpoint == "/"
    charts = await daemon.charts(rows["web1"].id, ("cpu", "load"), 20)
    assert set(charts) == {"cpu", "load"}


async def test_the_first_event_is_the_greeting(daemon: Daemon) -> None:
    async for kind, data in daemon.events():
        assert kind == "hello"
        assert data["version"]
        break


async def test_nobody_listens() -> None:
    async with Daemon(f"http://127.0.0.1:{unused_port()}") as daemon:
        with pytest.raises(DaemonError, match="no daemon answers there; start one with `guestwire serve`"):
            await daemon.guests()
        with pytest.raises(DaemonError, match="no daemon"):
            async for _ in daemon.events():
                pass


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (web.Response(status=401, text='{"detail": "who are you"}'), "who are you; put an API token"),
        (web.Response(status=500, text="oops"), "Internal Server Error"),
        (web.Response(text="<html>"), "no answer of a guestwire daemon"),
        (web.Response(text='{"guests": 3}'), "no answer of a guestwire daemon"),
    ],
)
async def test_answers_that_are_none(answer: web.Response, text: str) -> None:
    async def handle(request: web.Request) -> web.Response:
        return answer

    app = web.Application()
    app.router.add_get("/api/v1/guests", handle)
    async with TestServer(app) as server, Daemon(str(server.make_url("/"))) as daemon:
        with pytest.raises(DaemonError, match=text):
            await daemon.guests()


async def test_the_token_is_sent_and_pages_are_followed() -> None:
    asked: list[tuple[str, str]] = []

    async def handle(request: web.Request) -> web.Response:
        asked.append((request.headers["Authorization"], request.query.get("cursor", "")))
        last = "cursor" in request.query
        return web.json_response({"guests": [], "total": 0, "next": None if last else "x", "time": 1.0})

    app = web.Application()
    app.router.add_get("/api/v1/guests", handle)
    async with TestServer(app) as server, Daemon(str(server.make_url("/")), "secret") as daemon:
        assert await daemon.guests() == []
    assert asked == [("Bearer secret", ""), ("Bearer secret", "x")]


def test_events_are_parsed() -> None:
    assert _parse(b"id: 1\nevent: guests\ndata: {}") == ("guests", b"{}")
    assert _parse(b": a comment") == ("", b"")

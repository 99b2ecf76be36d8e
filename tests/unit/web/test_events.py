import asyncio
import json
import time

import pytest

from guestwire.web import events
from guestwire.web.settings import Settings
from tests.unit.web.conftest import silent, web1


@pytest.fixture(autouse=True)
def _brisk(monkeypatch):
    monkeypatch.setattr(events, "EVERY", 0.02)
    monkeypatch.setattr(events, "HOST_EVERY", 0.0)


async def read(stream, kind):
    """The data of the next event of a kind, and its id."""
    found = {}
    async with asyncio.timeout(20):
        while True:
            line = (await stream.content.readline()).decode().rstrip("\n")
            key, _, value = line.partition(": ")
            if line:
                found[key] = value
            elif found.get("event") == kind:
                return json.loads(found["data"]), found.get("id")
            else:
                found = {}


async def test_rows_come_when_they_change(client, site):
    async with client.get("/api/v1/events") as stream:
        hello, _ = await read(stream, "hello")
        assert hello["boot"] == site.hub.boot
        first, _ = await read(stream, "guests")
        assert {row["id"] for row in first["guests"]} >= {"u-1"}
        site.monitor.take(web1(time.time(), busy=0.5), "web1")
        second, _ = await read(stream, "guests")
        assert [row["id"] for row in second["guests"]] == ["u-1"]
        assert second["guests"][0]["sparks"] is None
        site.poller.watchers.pop()
        third, _ = await read(stream, "guests")
        assert third["gone"] == ["u-3"]


async def test_alerts_and_health_come_too(client, site):
    async with client.get("/api/v1/events?topics=alerts,host") as stream:
        site.monitor.take(silent(time.time()), "db1")
        for _ in site.monitor.engine.run(time.time()):
            pass
        told, _ = await read(stream, "alerts")
        assert told["changed"][0]["guest_id"] == "u-2"
        health, _ = await read(stream, "host")
        assert health["events"]["clients"] == 1


async def test_a_page_that_comes_back_misses_nothing(client, site):
    async with client.get("/api/v1/events") as stream:
        _, last = await read(stream, "guests")
    site.monitor.take(web1(time.time()), "web1")
    async with client.get("/api/v1/events", headers={"Last-Event-ID": last}) as stream:
        told, _ = await read(stream, "guests")
        assert [row["id"] for row in told["guests"]] == ["u-1"]


async def test_after_a_restart_everything_is_fetched_anew(client):
    async with client.get("/api/v1/events", headers={"Last-Event-ID": "old-7"}) as stream:
        assert (await read(stream, "reset"))[0] == {}


async def test_who_may_no_longer_look_is_cut_off(client, site, monkeypatch):
    monkeypatch.setattr(events, "AWAKE", 0.0)
    async with client.get("/api/v1/events") as stream:
        await read(stream, "hello")
        site.reload(Settings(host="0.0.0.0"))
        async with asyncio.timeout(20):
            while not stream.content.at_eof():
                await stream.content.readany()


async def test_a_quiet_stream_is_kept_awake(client, site, monkeypatch):
    monkeypatch.setattr(events, "AWAKE", 0.01)
    async with client.get("/api/v1/events?topics=") as stream:
        async with asyncio.timeout(20):
            while await stream.content.readline() != b":\n":
                pass


async def test_a_page_that_reads_too_slowly_starts_anew(client, site, monkeypatch):
    async with client.get("/api/v1/events") as stream:
        await read(stream, "hello")
        monkeypatch.setattr(site.hub, "reaches", lambda place: False)
        site.hub.publish("guests", b"{}", topic="guests")
        assert (await read(stream, "reset"))[0] == {}
        assert site.hub.dropped


async def test_a_look_that_fails_is_not_the_last(client, site, monkeypatch, caplog):
    monkeypatch.setattr(events, "_publish_rows", lambda site, known: 1 / 0)
    async with client.get("/api/v1/events") as stream:
        await read(stream, "hello")
        async with asyncio.timeout(20):
            while "one look failed" not in caplog.text:
                await asyncio.sleep(0.02)
        monkeypatch.undo()
        site.monitor.take(web1(time.time()), "web1")
        await read(stream, "guests")


async def test_pages_are_bounded(client, monkeypatch):
    monkeypatch.setattr(events, "CLIENTS", 0)
    answer = await client.get("/api/v1/events")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "10")

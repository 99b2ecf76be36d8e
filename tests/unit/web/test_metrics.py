import re
import time

import aiohttp
import pytest

from guestwire.monitor.export.exposition import Exposition
from guestwire.web import metrics
from tests.unit.web.conftest import web1


async def test_prometheus_reads_all_and_one(client):
    every = await (await client.get("/metrics")).text()
    assert 'node_load1{guest="web1"} 0.5' in every
    assert "guestwire_polls_total" in every
    one = await (await client.get("/guests/web1/metrics")).text()
    assert "\nnode_load1 0.5" in one
    openmetrics = await client.get("/metrics", headers={"Accept": "application/openmetrics-text"})
    assert "openmetrics" in openmetrics.headers["Content-Type"]


async def test_targets_for_prometheus(client):
    told = await (await client.get("/sd")).json()
    assert "web1" in str(told)


async def test_health(client, site):
    assert (await client.get("/healthz")).status == 200
    assert (await client.get("/readyz")).status == 200
    site.monitor.store.trouble = "the disk is full"
    answer = await client.get("/readyz")
    assert (answer.status, (await answer.json())["detail"]) == (503, "the disk is full")


async def test_over_a_network_it_is_compressed(client, monkeypatch):
    near = await client.get("/metrics", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in near.headers
    monkeypatch.setattr(metrics, "_LOOPBACK", re.compile("nowhere"))
    far = await client.get("/metrics", headers={"Accept-Encoding": "gzip"})
    assert far.headers["Content-Encoding"] == "gzip"
    assert 'node_load1{guest="web1"} 0.5' in await far.text()


async def test_a_part_is_never_taken_for_the_whole(client, monkeypatch):
    def pieces(self):
        yield b"node_load1 1\n"
        raise TimeoutError

    monkeypatch.setattr(Exposition, "pieces", pieces)
    with pytest.raises(aiohttp.ClientError):
        await (await client.get("/metrics")).read()


async def test_a_poll_between_two_scrapes_is_seen(client, site):
    first = await (await client.get("/metrics")).text()
    assert 'node_load1{guest="web1"} 0.5' in first
    poll = web1(time.time())
    poll.samples = [
        sample._replace(value=7.0) if sample.name == "node_load1" else sample for sample in poll.samples
    ]
    site.monitor.take(poll, "web1")
    assert 'node_load1{guest="web1"} 7' in await (await client.get("/metrics")).text()

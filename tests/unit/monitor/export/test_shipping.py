import asyncio
import json

import pytest

from guestwire.monitor.export.exposition import Exposition
from guestwire.monitor.export.queue import Queue
from guestwire.monitor.export.sender import Sender
from guestwire.monitor.export.shipping import Otlp, RemoteWrite
from guestwire.monitor.samples import Poll, Sample


@pytest.fixture
def sender(tmp_path, sink):
    return Sender(Queue(tmp_path / "queue.db"), sink.url, {})


def poll(at=1000.0, value=1.0):
    return Poll("u", at, [Sample("node_load1", (), value)])


async def until(true):
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)


async def end(task):
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_polls_reach_the_other_end(sender, sink):
    writer = RemoteWrite([sender], every=0.02)
    task = asyncio.ensure_future(writer.run())
    writer.take(poll(), "web")
    await until(lambda: sink.posts and not sender.queue.count)
    writer.take(poll(1010.0), "web")
    await end(task)
    assert sender.queue.count + len(sink.posts) == 2, "what was gathered at the end waits"
    exposition = Exposition()
    writer.add(exposition)
    assert 'guestwire_export_sent_total{endpoint="1",kind="remote_write"} ' in exposition.text()
    writer.close()


async def test_a_large_batch_does_not_wait(sender, monkeypatch):
    monkeypatch.setattr("guestwire.monitor.export.shipping.LARGEST", 2)
    writer = RemoteWrite([sender])
    writer.take(poll(), "web")
    assert sender.queue.count == 0
    writer.take(poll(1010.0), "web")
    assert sender.queue.count == 1
    writer.close()


async def test_otlp_tells_each_figure_once(sender, sink):
    latest = {("node_load1", ()): (1000, 1.0)}
    exporter = Otlp([sender], lambda: [("u", "web", latest)], every=0.01)
    await exporter.pack()
    assert sender.queue.count == 0, "what was there at the start was told before it"
    latest[("node_load1", ())] = (2000, 2.0)
    task = asyncio.ensure_future(exporter.run())
    await until(lambda: sink.posts and not sender.queue.count)
    await end(task)
    assert len(sink.posts) == 1
    (resource,) = json.loads(sink.posts[0][2])["resourceMetrics"]
    points = resource["scopeMetrics"][0]["metrics"][0]["gauge"]["dataPoints"]
    assert [point["asDouble"] for point in points] == [2.0]
    exposition = Exposition()
    exporter.add(exposition)
    assert "guestwire_export_trouble" in exposition.text()
    exporter.close()


async def test_a_broken_queue_is_trouble_and_not_the_end(sender):
    sender.queue.put(b"x")
    sender.queue._db.execute("DROP TABLE queue")
    assert sender.step() > 0
    assert "no such table" in sender.trouble
    sender.queue.close()

import json
import time

from guestwire.monitor.samples import Poll, Sample, labels_of
from guestwire.web.hub import Hub
from guestwire.web.ticks import Ticks
from tests.unit.web.conftest import web1
from tests.unit.web.test_events import read


def told(hub, place=0):
    frames = hub.after(place, frozenset(), frozenset({"u-1"})).decode().split("\n\n")
    return [json.loads(frame.split("data: ")[1]) for frame in frames if frame]


def test_only_guests_that_are_watched_cost_anything():
    hub = Hub()
    Ticks(hub).take(web1(100.0), "web1")
    assert hub.last == 0


def test_the_newest_point_of_each_chart():
    hub = Hub()
    hub.watched["u-1"] = 1
    ticks = Ticks(hub)
    for at in (2000.0, 2010.0):
        ticks.take(web1(at), "web1")
    first, second = told(hub)
    assert "cpu" not in first["charts"], "one sample of a counter is no rate"
    assert second["charts"]["cpu"] == {"user": 0.25}
    assert second["charts"]["network"] == {"eth0 receive": 100, "eth0 transmit": 50}
    assert second["charts"]["memory"]["used"] == 600
    assert (second["time"], second["reason"]) == (2010.0, None)


def test_a_counter_that_began_anew_and_a_poll_without_figures():
    hub = Hub()
    hub.watched["u-1"] = 1
    ticks = Ticks(hub)
    labels = labels_of(device="eth0\u202e")
    for at, value in ((0.0, 500.0), (10.0, 50.0)):
        ticks.take(Poll("u-1", at, [Sample("node_network_receive_bytes_total", labels, value)]), "web1")
    ticks.take(Poll("u-1", 20.0, [], {}, {"node_load1": "silent"}), "web1")
    _, second, third = told(hub)
    assert second["charts"]["network"] == {"eth0\ufffd receive": 5}
    assert (third["charts"], third["reason"]) == ({}, "silent")


async def test_a_live_page_hears_them(client, site):
    async with client.get("/api/v1/events?guest=web1") as stream:
        await read(stream, "hello")
        site.monitor.take(web1(time.time()), "web1")
        tick, number = await read(stream, "tick")
        assert (tick["guest"], bool(number)) == ("u-1", True)
    async with client.get("/api/v1/events?guest=nobody") as answer:
        assert answer.status == 404

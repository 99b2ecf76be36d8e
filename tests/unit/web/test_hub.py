import asyncio

from guestwire.web import hub as module
from guestwire.web.hub import Hub


def test_an_event_is_encoded_once_and_read_by_topic():
    hub = Hub()
    hub.publish("guests", b"{}", topic="guests")
    hub.publish("tick", b"{}", topic="guests", guest="u-1")
    alerts = hub.after(0, frozenset({"alerts"}), frozenset())
    assert alerts == b""
    assert hub.after(0, frozenset({"guests"}), frozenset()).count(b"event:") == 1
    assert b"event: tick" in hub.after(0, frozenset(), frozenset({"u-1"}))


def test_a_place_is_found_again_as_long_as_the_ring_reaches(monkeypatch):
    monkeypatch.setattr(module, "RING", 4)
    hub = Hub()
    for _ in range(10):
        hub.publish("guests", b"{}", topic="guests")
    assert hub.place(f"{hub.boot}-8") == 8
    assert hub.place(f"{hub.boot}-6") == 6
    assert hub.place(f"{hub.boot}-5") is None
    assert hub.place(f"{hub.boot}-11") is None
    assert hub.place("another-8") is None
    assert hub.place("nonsense") is None


def test_the_ring_is_bounded_in_bytes(monkeypatch):
    monkeypatch.setattr(module, "RING_BYTES", 1000)
    hub = Hub()
    for _ in range(10):
        hub.publish("guests", b"x" * 300, topic="guests")
    assert len(hub.after(0, frozenset({"guests"}), frozenset())) <= 1000


async def test_news_wake_those_who_wait():
    hub = Hub()
    waiting = asyncio.create_task(hub.news(0, 30))
    await asyncio.sleep(0)
    hub.publish("guests", b"{}", topic="guests")
    assert await waiting
    assert not await hub.news(1, 0.01)
    hub.close()
    assert await hub.news(1, 30)

import asyncio

import pytest

from guestwire.monitor import watch
from guestwire.monitor.notify.grouping import Grouper, Timing
from guestwire.monitor.notify.outbox import Outbox
from guestwire.monitor.post import Answer
from guestwire.monitor.rules.load import update
from guestwire.monitor.samples import Poll, Sample
from guestwire.monitor.store.store import Store
from guestwire.monitor.watch import Monitor

T0 = 1_700_006_400.0


class Channel:
    name = "list"

    def __init__(self):
        self.told = []

    def send(self, notification):
        self.told.append(notification.title())
        return Answer(200, None, "")


class Bench:
    def __init__(self, path):
        self.now = T0
        self.path = path
        self.channel = Channel()
        self.monitor = self.make()

    def make(self):
        rules = {}
        update(rules, '[[rule]]\nname = "Full"\nexpr = "free < 10"\nevery = "1s"\nsummary = "{guest}"', "t")
        return Monitor(
            Store(self.path),
            rules,
            outboxes=[Outbox(self.channel)],
            grouper=Grouper(timing=Timing(0, 0, 3600)),
            clock=lambda: self.now,
        )

    def feed(self, free):
        self.monitor.take(Poll("uuid", self.now, [Sample("free", (), free)]), "web")


@pytest.fixture
def bench(tmp_path):
    made = Bench(tmp_path / "s.db")
    yield made
    made.monitor.close()


def test_from_poll_to_notification_and_over_a_restart(bench):
    async def turn():
        await bench.monitor.judge()
        bench.monitor.notify()
        for outbox in bench.monitor.outboxes:
            outbox.step(bench.now)

    bench.feed(5.0)
    asyncio.run(turn())
    assert bench.channel.told == ["[warning] web: Full"]
    bench.monitor.close()
    bench.monitor = bench.make()
    bench.now += 10
    bench.feed(5.0)
    asyncio.run(turn())
    assert len(bench.channel.told) == 1, "told once, restart or not"
    bench.now += 10
    bench.feed(50.0)
    asyncio.run(turn())
    assert bench.channel.told[1:] == ["[resolved] web: Full"]


def test_housekeeping_moves_history_on(bench):
    for _ in range(400):
        bench.now += 10
        bench.feed(50.0)
        bench.monitor.store.flush()
    asyncio.run(bench.monitor.tidy())
    assert bench.monitor.store.db.execute("SELECT count(*) FROM block").fetchone() == (2,)
    bench.now += 90_000
    for _ in range(3):
        asyncio.run(bench.monitor.tidy())
    assert bench.monitor.store.db.execute("SELECT count(*) FROM block WHERE tier = 2").fetchone() == (1,)


def test_a_full_disk_is_no_end(bench, caplog):
    caplog.set_level("INFO")
    db = bench.monitor.store.db
    bench.feed(5.0)
    bench.now += 4000
    db.execute("PRAGMA query_only = 1")
    for _ in range(3):
        asyncio.run(bench.monitor.flush())
    assert caplog.text.count("history waits in memory") == 1
    asyncio.run(bench.monitor.judge())
    bench.monitor.notify()
    asyncio.run(bench.monitor.tidy())
    assert bench.monitor.store.trouble
    db.execute("PRAGMA query_only = 0")
    asyncio.run(bench.monitor.flush())
    assert "takes what is measured again" in caplog.text


def test_all_duties_run_until_cancelled(bench, monkeypatch):
    for name in ("FLUSH", "RULES", "NOTIFY", "TIDY"):
        monkeypatch.setattr(watch, name, 0.01)
    seen = []
    bench.monitor.listeners.append(lambda poll, name: seen.append(name))

    async def scenario():
        task = asyncio.ensure_future(bench.monitor.run())
        while not bench.channel.told:
            bench.feed(5.0)
            await asyncio.sleep(0.05)
        bench.feed(7.0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(asyncio.wait_for(scenario(), 20))
    assert set(seen) == {"web"}
    assert bench.monitor.store._entry.size == 0, "flushed at the end"

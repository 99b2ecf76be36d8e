import pytest

from guestwire.monitor.export import pages as module
from guestwire.monitor.export.pages import Pages
from guestwire.monitor.samples import Poll, Sample
from guestwire.monitor.store.store import Store


class Fed:
    def __init__(self, path):
        self.now = 1_700_006_400.0
        self.store = Store(path)
        self.pages = Pages(self.store, lambda: self.now)

    def poll(self, value, name="web"):
        poll = Poll("u-1", self.now, [Sample("node_load1", (), value)])
        self.store.append(poll, name)
        self.pages.take(poll, name)

    def load(self, name="web"):
        return self.pages.of("u-1", name).get("node_load1")


@pytest.fixture
def fed(tmp_path):
    made = Fed(tmp_path / "s.db")
    yield made
    made.store.close()


def test_made_once_a_poll(fed):
    fed.poll(1.0)
    assert fed.pages.ready("u-1", "web") is None
    assert fed.load() == 'node_load1{guest="web"} 1\n'
    assert fed.pages.of("u-1", "web") is fed.pages.of("u-1", "web")
    fed.poll(2.5)
    assert fed.load() == 'node_load1{guest="web"} 2.5\n'


def test_a_new_name_is_shown_at_once(fed):
    fed.poll(1.0)
    fed.load()
    assert fed.load("www") == 'node_load1{guest="www"} 1\n'


def test_what_is_too_old_is_said_no_longer(fed):
    fed.poll(1.0)
    assert fed.load()
    fed.now += 299
    assert fed.load()
    fed.now += 2
    assert fed.load() is None


def test_made_ahead_only_while_somebody_scrapes(fed):
    fed.pages.keep({"u-1"})
    fed.poll(1.0)
    assert fed.pages.ready("u-1", "web") is not None
    fed.now += module.AHEAD
    fed.poll(2.0)
    assert fed.pages.ready("u-1", "web") is None


def test_a_guest_that_is_gone_is_forgotten(fed):
    fed.poll(1.0)
    fed.load()
    fed.pages.keep(set())
    assert fed.pages.ready("u-1", "web") is None

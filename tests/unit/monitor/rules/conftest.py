import pytest

from guestwire.monitor.samples import Poll, Sample
from guestwire.monitor.store.reader import Reader
from guestwire.monitor.store.store import Store

T0 = 1_700_006_400.0


class Watched:
    """A store with a reader, fed by name=value."""

    def __init__(self, path):
        self.store = Store(path)
        self.reader = Reader.of(self.store)

    def feed(self, at, guest="web", labels=(), **figures):
        samples = [Sample(name, labels, float(value)) for name, value in figures.items()]
        self.store.append(Poll(guest, T0 + at, samples))
        self.store.flush()

    def close(self):
        self.reader.close()
        self.store.close()


@pytest.fixture
def watched(tmp_path):
    made = Watched(tmp_path / "s.db")
    yield made
    made.close()

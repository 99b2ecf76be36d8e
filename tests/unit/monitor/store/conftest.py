import pytest

from guestwire.monitor.samples import Poll, Sample, labels_of
from guestwire.monitor.store.store import Store

T0 = 1_700_006_400  # a midnight, s


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "store.db")
    yield made
    made.close()


def poll(at, guest="web", load=1.0, received=None, **more):
    """One poll `at` seconds after T0, with a gauge and a counter."""
    samples = [Sample("node_load1", (), load)]
    if received is not None:
        samples.append(Sample("node_network_receive_bytes_total", labels_of(device="eth0"), received))
    return Poll(guest, T0 + at, samples, **more)


@pytest.fixture
def make_poll():
    return poll

import sys

from guestwire.monitor.export.remote_write import Batch
from guestwire.monitor.samples import Poll, Sample


def test_a_batch(monkeypatch):
    monkeypatch.setitem(sys.modules, "cramjam", None)
    batch = Batch()
    for at in (1.0, 2.0):
        batch.add(
            Poll("uuid", at, [Sample("up", (("zone", "a"),), 1.0), Sample("bad", (), float("nan"))]), "web"
        )
    assert len(batch) == 2
    body = batch.take()
    assert len(batch) == 0
    for part in (
        b"__name__\x12\x02up",
        b"guest\x12\x03web",
        b"instance\x12\x03web",
        b"job\x12\x09guestwire",
        b"zone\x12\x01a",
    ):
        assert body.count(part) == 2
    assert batch.take() == b"\0"

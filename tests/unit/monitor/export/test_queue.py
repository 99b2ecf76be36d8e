import pytest

from guestwire.errors import StartError
from guestwire.monitor.export.queue import Queue


def test_first_in_first_out_over_a_restart(tmp_path):
    queue = Queue(tmp_path / "q" / "remote.db")
    for body in (b"one", b"two", b"three"):
        assert queue.put(body)
    queue.done(queue.first())
    queue.close()
    queue = Queue(tmp_path / "q" / "remote.db")
    assert (queue.count, queue.bytes) == (2, 8)
    assert queue.first().body == b"two"
    queue.done(queue.first())
    queue.done(queue.first())
    assert queue.first() is None
    queue.close()


def test_bounded(tmp_path):
    queue = Queue(tmp_path / "q.db", limit=100)
    for number in range(50):
        queue.put(bytes((number,)) * 10)
    assert (queue.count, queue.bytes, queue.dropped) == (10, 100, 40)
    assert queue.first().body[0] == 40
    queue.put(b"x" * 1000)
    assert queue.count == 1, "one too large is still tried"
    queue.close()


def test_a_full_disk(tmp_path):
    queue = Queue(tmp_path / "q.db")
    queue._db.execute("PRAGMA query_only = 1")
    assert not queue.put(b"x")
    assert queue.trouble
    assert queue.dropped == 1
    queue._db.execute("PRAGMA query_only = 0")
    assert queue.put(b"x")
    assert queue.trouble is None
    queue.close()


def test_no_queue(tmp_path):
    (tmp_path / "q.db").write_bytes(b"junk" * 999)
    with pytest.raises(StartError, match="cannot open the queue"):
        Queue(tmp_path / "q.db")

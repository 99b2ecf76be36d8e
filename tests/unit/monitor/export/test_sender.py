import pytest

from guestwire.monitor.export.queue import Queue
from guestwire.monitor.export.sender import LONGEST_WAIT, Sender
from guestwire.monitor.post import Answer, PostError


@pytest.fixture
def queue(tmp_path):
    made = Queue(tmp_path / "q.db")
    for body in (b"one", b"two"):
        made.put(body)
    yield made
    made.close()


def sender(queue, *answers):
    given = iter(answers)

    def post(url, body, headers):
        answer = next(given)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Sender(queue, "http://x", {}, post)


def test_sent_in_order(queue, sink):
    to_sink = Sender(queue, sink.url + "/write", {"A": "b"})
    assert [to_sink.step(), to_sink.step(), to_sink.step()] == [0, 0, None]
    assert [body for _, _, body in sink.posts] == [b"one", b"two"]
    assert (to_sink.sent, to_sink.trouble) == (2, None)


def test_an_outage_keeps_everything(queue):
    answers = [PostError("gone")] * 12 + [Answer(200, None, "")] * 2
    sends = sender(queue, *answers)
    waits = [sends.step() for _ in range(12)]
    assert 0.8 <= waits[0] <= 1.2
    assert 1.6 <= waits[1] <= 2.4
    assert waits[-1] <= LONGEST_WAIT * 1.2
    assert sends.trouble == "gone"
    assert queue.count == 2
    assert sends.step() == 0
    assert sends.trouble is None


def test_the_other_end_says_when(queue):
    sends = sender(queue, Answer(429, 30.0, "slow"), Answer(503, 9999.0, ""))
    assert sends.step() == 30
    assert sends.step() == 600


def test_what_is_refused_is_not_repeated(queue):
    sends = sender(queue, Answer(400, None, "out of order"), Answer(204, None, ""))
    assert sends.step() == 0
    assert (sends.refused, sends.trouble) == (1, "HTTP 400: out of order")
    assert sends.step() == 0
    assert (sends.sent, sends.trouble) == (1, None)

import pytest

from guestwire.monitor.notify import outbox as module
from guestwire.monitor.notify.message import Notification
from guestwire.monitor.notify.outbox import Outbox
from guestwire.monitor.post import Answer, PostError


class Channel:
    name = "fake"

    def __init__(self, *answers):
        self.answers = list(answers)

    def send(self, notification):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def note(make_alert):
    return Notification((), (make_alert(),), ())


def test_sent(note):
    box = Outbox(Channel(Answer(200, None, "")))
    assert not box.step(0)
    box.put(note, 0)
    assert box.step(0)
    assert (len(box), box.sent, box.trouble) == (0, 1, None)


def test_retried_with_growing_waits(note):
    box = Outbox(Channel(PostError("gone"), Answer(503, 20.0, "busy"), Answer(200, None, "")))
    box.put(note, 0)
    assert not box.step(0)
    assert box.trouble == "fake: gone"
    assert not box.step(4)
    assert len(box.channel.answers) == 2
    assert not box.step(5)
    assert "503" in box.trouble
    assert not box.step(24)
    assert box.step(25)
    assert box.trouble is None


def test_refused_for_good(note):
    box = Outbox(Channel(Answer(400, None, "what?")))
    box.put(note, 0)
    assert box.step(0)
    assert (box.dropped, box.trouble) == (1, "fake: HTTP 400: what?")


def test_given_up_after_a_day(note):
    box = Outbox(Channel(PostError("x"), PostError("x")))
    box.put(note, 0)
    box.step(0)
    assert box.step(module.GIVE_UP)
    assert (len(box), box.dropped) == (0, 1)


def test_bounded(note, monkeypatch):
    monkeypatch.setattr(module, "LIMIT", 3)
    box = Outbox(Channel())
    for _ in range(5):
        box.put(note, 0)
    assert (len(box), box.dropped) == (3, 2)


def test_an_item_dropped_while_it_is_sent(note, monkeypatch):
    monkeypatch.setattr(module, "LIMIT", 1)
    box = Outbox(Channel())

    def send(_):
        box.put(note, 1)
        return Answer(200, None, "")

    box.channel.send = send
    box.put(note, 0)
    assert box.step(0)
    assert len(box) == 1, "the newer one still waits"


def test_a_clock_set_back_does_not_keep_it_waiting(note):
    box = Outbox(Channel(PostError("gone"), Answer(200, None, "")))
    box.put(note, 100_000)
    assert not box.step(100_000)
    assert not box.step(100_004)
    assert box.step(5)

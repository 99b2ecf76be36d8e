from guestwire.monitor.rules import memory
from guestwire.monitor.rules.nodes import Matcher
from guestwire.monitor.rules.state import Alert, State
from guestwire.monitor.samples import labels_of


def test_alerts_are_kept(watched):
    alert = Alert("R", "web", labels_of(device="vda"), State.FIRING, 5.5, 1.25, summary="text")
    memory.save_alerts(watched.store, [("uuid", alert)], [])
    ((identity, again),) = memory.load_alerts(watched.store)
    assert identity == "uuid"
    assert (again.rule, again.labels, again.state, again.since, again.value, again.summary) == (
        "R", alert.labels, State.FIRING, 5.5, 1.25, "text",
    )  # fmt: skip
    memory.save_alerts(watched.store, [], [("R", "uuid", alert.labels)])
    assert memory.load_alerts(watched.store) == []


def test_silences_are_kept_and_ended(watched):
    matchers = (Matcher("guest", "=", "web"),)
    number = memory.add_silence(watched.store, matchers, 100, 200, author="me", comment="why")
    (silence,) = memory.silences(watched.store, 150)
    assert (silence.id, silence.matchers, silence.ends, silence.author) == (number, matchers, 200, "me")
    assert memory.end_silence(watched.store, number, 160)
    assert not memory.end_silence(watched.store, number, 170)
    assert memory.silences(watched.store, 160) == []

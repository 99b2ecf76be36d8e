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


def states(store):
    return sorted((alert.rule, str(alert.state)) for _, alert in memory.load_alerts(store))


def test_what_a_full_disk_refused_is_written_later(watched):
    changes = memory.Changes()
    assert not changes
    alert = Alert("R", "web", (), State.PENDING, 1.0, 2.0)
    changes.add("uuid", alert)
    changes.add("uuid", Alert("S", "web", (), State.FIRING, 1.0, 2.0))
    refused = changes.take()
    assert refused
    assert not changes
    alert.state = State.FIRING
    changes.add("uuid", alert)
    changes.drop("S", "uuid", ())
    changes.put_back(refused)
    changes.save(watched.store)
    assert states(watched.store) == [("R", "firing")]
    told = memory.history(watched.store, memory.HistoryQuery())
    assert [(one.rule, one.state) for one in told] == [("R", "firing"), ("S", "firing")]


def test_what_waits_for_a_disk_is_bounded(watched, monkeypatch):
    monkeypatch.setattr(memory, "WAITING_LIMIT", 2)
    changes, older = memory.Changes(), memory.Changes()
    older.add("uuid", Alert("Oldest", "web", (), State.FIRING, 1.0, 2.0))
    for rule in "ABC":
        changes.add("uuid", Alert(rule, "web", (), State.FIRING, 1.0, 2.0))
    changes.put_back(older)
    changes.save(watched.store)
    assert states(watched.store) == [("B", "firing"), ("C", "firing")]


def test_silences_are_kept_and_ended(watched):
    matchers = (Matcher("guest", "=", "web"),)
    number = memory.add_silence(watched.store, matchers, 100, 200, author="me", comment="why")
    (silence,) = memory.silences(watched.store, 150)
    assert (silence.id, silence.matchers, silence.ends, silence.author) == (number, matchers, 200, "me")
    assert memory.end_silence(watched.store, number, 160)
    assert not memory.end_silence(watched.store, number, 170)
    assert memory.silences(watched.store, 160) == []

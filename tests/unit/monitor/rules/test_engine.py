from guestwire.monitor.rules.engine import Engine
from guestwire.monitor.rules.load import DEFAULT_RULES, load_rules, update
from guestwire.monitor.store.reader import Reader
from guestwire.monitor.store.store import Store

from .conftest import T0

RULES = """
[[rule]]
name = "Full"
expr = "free < 10"
for = "1m"
every = "30s"
summary = "{guest}: {value}"
[[rule]]
name = "Odd"
expr = "a / on() b"
"""


def rules(text=RULES):
    found = {}
    update(found, text, "t")
    return found


def engine(watched, text=RULES):
    return Engine(watched.store, watched.reader, rules(text))


def step(engine, at):
    return [(alert.rule, alert.guest, str(alert.state)) for some in engine.run(T0 + at) for alert in some]


def test_an_alert_fires_and_ends_and_is_kept(watched):
    runs = engine(watched)
    seen = {}
    for at in range(0, 240, 10):
        watched.feed(at, free=5 if at < 150 else 50)
        watched.feed(at, guest="db", free=70)
        if changed := step(runs, at):
            seen[at] = changed
    assert seen == {
        0: [("Full", "web", "pending")],
        60: [("Full", "web", "firing")],
        150: [("Full", "web", "resolved")],
    }
    assert watched.store.db.execute("SELECT state FROM alert").fetchall() == [("resolved",)]
    watched.feed(2000, free=50)
    step(runs, 2000)
    assert runs.alerts() == []
    assert watched.store.db.execute("SELECT * FROM alert").fetchall() == []


def test_a_rule_has_its_own_pace(watched):
    runs = engine(watched)
    assert [rule.name for rule in runs.due(100.0)] == ["Full", "Odd"]
    assert runs.due(110.0) == []
    assert len(runs.due(130.0)) == 2


def test_a_restart_keeps_a_firing_alert_and_does_not_repeat_it(watched, tmp_path):
    runs = engine(watched)
    for at in range(0, 100, 10):
        watched.feed(at, free=5)
        step(runs, at)
    watched.close()
    store = Store(tmp_path / "s.db")
    watched.store, watched.reader = store, Reader.of(store)
    again = engine(watched)
    assert [(a.rule, str(a.state), a.guest) for a in again.alerts()] == [("Full", "firing", "web")]
    # the daemon was away for two hours: everything is stale at first, and nothing ends
    assert step(again, 7200) == []
    watched.feed(7210, free=5)
    assert step(again, 7230) == []
    watched.feed(7240, free=50)
    assert step(again, 7260) == [("Full", "web", "resolved")]


def test_a_pending_alert_starts_anew_after_a_restart(watched):
    watched.feed(0, free=5)
    step(engine(watched), 0)
    again = engine(watched)
    watched.feed(7200, free=5)
    assert step(again, 7200) == []
    watched.feed(7260, free=5)
    assert step(again, 7260) == [("Full", "web", "firing")]


def test_a_rule_that_cannot_be_evaluated_hurts_no_other(watched):
    runs = engine(watched)
    watched.feed(0, free=5, a=1)
    watched.feed(1, labels=(("x", "1"),), b=1)
    watched.feed(2, labels=(("x", "2"),), b=1)
    assert step(runs, 3) == [("Full", "web", "pending")]
    assert "several series" in runs.errors["Odd"]


def test_a_guest_that_is_gone(watched):
    runs = engine(watched)
    for at in range(0, 100, 10):
        watched.feed(at, free=5)
        step(runs, at)
    assert [str(alert.state) for alert in runs.forget("web", T0 + 200)] == ["resolved"]
    assert runs.forget("nobody", T0) == []


def test_reload(watched):
    runs = engine(watched)
    for at in range(0, 100, 10):
        watched.feed(at, free=5)
        step(runs, at)
    runs.reload(rules(RULES.replace("free < 10", "free < 8")))
    assert len(runs.alerts()) == 1
    runs.reload({})
    assert runs.alerts() == []
    assert step(runs, 200) == []


def test_a_full_disk_stops_no_alert(watched):
    runs = engine(watched)
    watched.feed(0, free=5)
    watched.store.db.execute("PRAGMA query_only = 1")
    assert step(runs, 0) == [("Full", "web", "pending")]
    assert step(runs, 60) == [("Full", "web", "firing")]
    watched.store.db.execute("PRAGMA query_only = 0")


def test_the_default_rules_on_a_quiet_guest(watched):
    runs = Engine(watched.store, watched.reader, load_rules(DEFAULT_RULES))
    for at in range(0, 300, 10):
        memory = {"node_memory_MemAvailable_bytes": 8e9, "node_memory_MemTotal_bytes": 1e10}
        guest = {"guestwire_guest_silent": 0, "guestwire_guest_clock_offset_seconds": 0.1}
        watched.feed(at, **memory, **guest, node_vmstat_oom_kill=0, node_boot_time_seconds=5)
        assert step(runs, at) == []
    watched.feed(300, node_vmstat_oom_kill=1, node_boot_time_seconds=500)
    assert sorted(rule for rule, _, _ in step(runs, 330)) == ["GuestRebooted", "OomKill"]
    assert runs.errors == {}


def test_a_clock_set_back_a_day_stops_no_rule(watched):
    runs = engine(watched)
    assert len(runs.due(100_000.0)) == 2
    assert runs.due(100_010.0) == []
    assert len(runs.due(13_600.0)) == 2
    assert runs.due(13_610.0) == []

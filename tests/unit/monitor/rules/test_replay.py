from guestwire.monitor.rules.load import update
from guestwire.monitor.rules.replay import replay
from guestwire.monitor.store.compact import compact

from .conftest import T0


def test_a_rule_over_history(watched):
    for at in range(0, 7200, 10):
        watched.feed(at, free=5 if 3000 <= at < 4000 else 50)
    compact(watched.store, watched.store.registry.guests["web"], round((T0 + 7000) * 1000))
    rules = {}
    update(rules, '[[rule]]\nname="F"\nexpr="avg_over_time(free[1m]) < 10"\nfor="5m"\nsummary="{value}"', "t")
    events = replay(rules["F"], watched.reader, "web", T0, T0 + 7200)
    assert [(round(e.at - T0), str(e.state), e.guest) for e in events] == [
        (3060, "pending", "web"), (3360, "firing", "web"), (4020, "resolved", "web"),
    ]  # fmt: skip
    assert events[0].summary == "5"

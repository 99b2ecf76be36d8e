import json

import pytest

from guestwire.monitor.notify.grouping import Grouper, Timing
from guestwire.monitor.rules.nodes import Matcher
from guestwire.monitor.rules.silences import Silence, parse_quiet_hours
from guestwire.monitor.rules.state import State


@pytest.fixture
def grouper():
    return Grouper(timing=Timing(wait=30, interval=300, repeat=3600))


def told(grouper, now, *alerts, **more):
    return [
        (dict(n.group)["guest"], len(n.firing), len(n.resolved)) for n in grouper.due(now, alerts, **more)
    ]


def test_a_group_waits_for_company(grouper, make_alert):
    first, second = make_alert(), make_alert("Hot")
    assert told(grouper, 0, first) == []
    assert told(grouper, 20, first, second) == []
    assert told(grouper, 30, first, second) == [("web", 2, 0)]


def test_groups_are_apart(grouper, make_alert):
    alerts = make_alert(), make_alert(guest="db")
    told(grouper, 0, *alerts)
    assert told(grouper, 30, *alerts) == [("db", 1, 0), ("web", 1, 0)]


def test_pending_is_not_told(grouper, make_alert):
    assert told(grouper, 0, make_alert(state=State.PENDING)) == []
    assert told(grouper, 99, make_alert(state=State.PENDING)) == []


def test_changes_wait_for_the_interval_and_the_rest_repeats(grouper, make_alert):
    first, second = make_alert(), make_alert("Hot")
    told(grouper, 0, first)
    assert told(grouper, 30, first) == [("web", 1, 0)]
    assert told(grouper, 100, first, second) == []
    assert told(grouper, 330, first, second) == [("web", 2, 0)]
    assert told(grouper, 3929, first, second) == []
    assert told(grouper, 3930, first, second) == [("web", 2, 0)]


def test_the_end_is_told_once(grouper, make_alert):
    alert, over = make_alert(), make_alert(state=State.RESOLVED)
    told(grouper, 0, alert)
    told(grouper, 30, alert)
    assert told(grouper, 60, over) == []
    assert told(grouper, 330, over) == [("web", 0, 1)]
    assert told(grouper, 700, over) == []


def test_what_was_never_told_ends_unsaid(grouper, make_alert):
    told(grouper, 0, make_alert())
    assert told(grouper, 30, make_alert(state=State.RESOLVED)) == []
    assert told(grouper, 40, make_alert(state=State.RESOLVED)) == []


def test_a_silence(grouper, make_alert):
    silence = Silence(1, (Matcher("guest", "=", "web"),), 0, 1000, "me", "")
    for now in (0, 30, 900):
        assert told(grouper, now, make_alert(), silences=[silence]) == []
    assert told(grouper, 1000, make_alert(), silences=[silence]) == []
    assert told(grouper, 1030, make_alert(), silences=[silence]) == [("web", 1, 0)]


def test_an_alert_silenced_after_it_was_told_is_forgotten_in_time(grouper, make_alert):
    silence = Silence(1, (), 60, 10_000, "me", "")
    told(grouper, 0, make_alert())
    assert told(grouper, 30, make_alert()) == [("web", 1, 0)]
    assert told(grouper, 400, make_alert(), silences=[silence]) == []
    assert told(grouper, 9000, make_alert(), silences=[silence]) == []
    assert grouper.dump() == []


def test_quiet_hours(grouper, make_alert):
    hours = [parse_quiet_hours("00:00-24:00")]
    alerts = make_alert(), make_alert("Hot", severity="critical")
    told(grouper, 0, *alerts, quiet=hours)
    assert told(grouper, 30, *alerts, quiet=hours) == [("web", 1, 0)]


def test_a_restart_tells_nothing_twice(grouper, make_alert):
    told(grouper, 0, make_alert())
    told(grouper, 30, make_alert())
    again = Grouper(timing=grouper.timing)
    again.load(json.loads(json.dumps(grouper.dump())))
    assert told(again, 60, make_alert()) == []
    assert told(again, 400, make_alert(state=State.RESOLVED)) == [("web", 0, 1)]


def test_junk_is_not_loaded(grouper):
    grouper.load([[], [1, 2, 3, 4], [[["other", "x"]], 0, None, []], [[["guest", "x"]], "a", None, []]])
    assert grouper.dump() == []


def test_a_clock_set_back_does_not_keep_a_group_silent(grouper, make_alert):
    first = make_alert()
    told(grouper, 100_000, first)
    assert told(grouper, 0, first) == []
    assert told(grouper, 30, first) == [("web", 1, 0)]
    second = make_alert("Hot")
    grouper.due(90_000, [first])
    assert told(grouper, 40, first, second) == []
    assert told(grouper, 340, first, second) == [("web", 2, 0)]

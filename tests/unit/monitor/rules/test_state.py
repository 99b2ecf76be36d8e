from dataclasses import replace

import pytest

from guestwire.monitor.rules.load import update
from guestwire.monitor.rules.state import PER_RULE, RESOLVED_SHOWN, Ledger, State
from guestwire.monitor.samples import labels_of

L = labels_of(mountpoint="/")


@pytest.fixture
def ledger():
    rules = {}
    update(
        rules,
        '[[rule]]\nname="R"\nexpr="x"\nfor="2m"\nevery="30s"\nsummary="{guest} {mountpoint} {value}"',
        "t",
    )
    return Ledger(rules["R"], "uuid", "web")


def run(ledger, *steps):
    """Steps of (time, holds, stale); gives (time, state) of every change."""
    return [
        (at, alert.state)
        for at, holds, *stale in steps
        for alert in ledger.update(at, {L: 1.0} if holds else {}, stale=bool(stale))
    ]


def test_the_whole_life(ledger):
    steps = [(at, 0 <= at < 210) for at in range(-30, 300, 30)]
    assert run(ledger, *steps) == [(0, State.PENDING), (120, State.FIRING), (210, State.RESOLVED)]
    (alert,) = ledger.alerts.values()
    assert alert.summary == "web / 1"
    assert alert.all_labels() == {"alertname": "R", "guest": "web", "severity": "warning", "mountpoint": "/"}
    run(ledger, (210 + RESOLVED_SHOWN, False))
    assert not ledger.alerts


def test_pending_ends_without_a_word(ledger):
    assert run(ledger, (0, True), (30, True), (60, False), (90, True), (120, True)) == [
        (0, State.PENDING), (90, State.PENDING),
    ]  # fmt: skip


def test_without_for_it_fires_at_once(ledger):
    ledger.rule = replace(ledger.rule, hold=0.0)
    assert run(ledger, (0, True)) == [(0, State.FIRING)]


def test_a_resolved_alert_can_begin_anew(ledger):
    ledger.rule = replace(ledger.rule, hold=0.0)
    assert [s for _, s in run(ledger, (0, True), (30, False), (60, True))] == ["firing", "resolved", "firing"]


def test_keep_firing_for(ledger):
    ledger.rule = replace(ledger.rule, hold=0.0, keep=60.0)
    steps = [(0, True), (30, False), (60, True), (90, False), (120, False), (150, False)]
    assert run(ledger, *steps) == [(0, State.FIRING), (150, State.RESOLVED)]


def test_stale_figures_hold_a_firing_alert(ledger):
    ledger.rule = replace(ledger.rule, hold=0.0)
    assert run(ledger, (0, True), (30, False, "stale"), (60, False, "stale")) == [(0, State.FIRING)]
    (alert,) = ledger.alerts.values()
    assert alert.stale
    assert run(ledger, (90, True)) == []
    assert not alert.stale


def test_stale_time_does_not_count_for_a_pending_alert(ledger):
    steps = [(0, True), (30, True)]
    steps += [(at, False, "stale") for at in range(60, 300, 30)]
    steps += [(at, True) for at in range(300, 480, 30)]
    # 30 s before, then 270 - 60 s unknown, so 90 s are still to go
    assert run(ledger, *steps) == [(0, State.PENDING), (360, State.FIRING)]


def test_a_gap_of_the_daemon_does_not_count(ledger):
    assert run(ledger, (0, True), (30, True), (3600, True), (3630, True), (3660, True)) == [
        (0, State.PENDING), (3660, State.FIRING),
    ]  # fmt: skip


def test_one_guest_has_only_so_many(ledger):
    vector = {labels_of(unit=str(n)): 1.0 for n in range(200)}
    assert len(ledger.update(0, vector, stale=False)) == PER_RULE
    assert ledger.dropped == 200 - PER_RULE


def test_the_guest_is_gone(ledger):
    run(ledger, *[(at, True) for at in range(0, 150, 30)])
    ledger.update(150, {L: 1.0, (): 2.0}, stale=False)
    assert [alert.state for alert in ledger.end(180)] == [State.RESOLVED]
    assert len(ledger.alerts) == 1
    assert ledger.end(210) == []

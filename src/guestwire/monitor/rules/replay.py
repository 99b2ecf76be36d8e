"""`alerts test`: what a rule would have done over history."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from guestwire.monitor.rules.evaluate import evaluate
from guestwire.monitor.rules.figures import LOOKBACK, PastFigures
from guestwire.monitor.rules.parser import selectors
from guestwire.monitor.rules.state import Ledger, State

if TYPE_CHECKING:
    from guestwire.monitor.rules.load import Rule
    from guestwire.monitor.samples import Labels
    from guestwire.monitor.store.reader import Reader


class Event(NamedTuple):
    """One change of state that a rule would have made, at `at` (seconds)."""

    at: float
    guest: str
    labels: Labels
    state: State
    value: float
    summary: str


def replay(rule: Rule, reader: Reader, identity: str, since: float, until: float) -> list[Event]:
    """The changes of state of one rule on one guest between two times (seconds).

    Works on samples as they came, so `since` should not reach further back than the raw tier.
    """
    number, name = reader.guests()[identity]
    reach = max((s.window + s.shift for s in selectors(rule.node)), default=0.0) + LOOKBACK
    figures = PastFigures(reader, number, since - reach, until)
    ledger = Ledger(rule, identity, name)
    events = []
    at = since
    while at <= until:
        figures.stale = False
        vector = evaluate(rule.node, figures, at)
        assert not isinstance(vector, float)
        for alert in ledger.update(at, vector, stale=figures.stale):
            events.append(Event(at, name, alert.labels, alert.state, alert.value, alert.summary))
        at += rule.every
    return events

import pytest

from guestwire.monitor.rules.state import Alert, State
from guestwire.monitor.samples import labels_of


@pytest.fixture
def make_alert():
    def make(
        rule="Full", *, guest="web", state=State.FIRING, severity="warning", mountpoint="/", since=100.0
    ):
        labels = labels_of(mountpoint=mountpoint)
        return Alert(
            rule,
            guest,
            labels,
            state,
            since,
            0.5,
            severity,
            {"team": "ops"},
            f"{mountpoint} of {guest} is full",
        )

    return make

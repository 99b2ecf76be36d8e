import datetime

import pytest

from guestwire.errors import ConfigError
from guestwire.monitor.rules.nodes import Matcher
from guestwire.monitor.rules.silences import Silence, parse_quiet_hours

UTC = datetime.UTC


def at(day, hour, minute=0):
    """A moment of a week whose Monday is the first."""
    return datetime.datetime(2024, 1, day, hour, minute, tzinfo=UTC).timestamp()


def test_a_silence():
    silence = Silence(1, (Matcher("guest", "=~", "web.*"),), 100, 200, "me", "")
    assert silence.covers({"guest": "web1"}, 100)
    assert not silence.covers({"guest": "web1"}, 200)
    assert not silence.covers({"guest": "db"}, 150)
    assert not silence.covers({}, 150)


def test_quiet_hours_over_midnight():
    hours = parse_quiet_hours("22:00-07:00")
    quiet = [hour for hour in range(24) if hours.covers("warning", at(1, hour), UTC)]
    assert quiet == [0, 1, 2, 3, 4, 5, 6, 22, 23]
    assert not hours.covers("critical", at(1, 23), UTC)


def test_quiet_hours_belong_to_the_day_they_begin_on():
    hours = parse_quiet_hours("fri 22:00-07:00", "warning")
    assert hours.covers("info", at(5, 23), UTC)
    assert hours.covers("info", at(6, 6), UTC)
    assert not hours.covers("info", at(5, 6), UTC)
    assert not hours.covers("warning", at(5, 23), UTC)


def test_whole_days():
    hours = parse_quiet_hours("sat,sun 00:00-24:00")
    assert [day for day in range(1, 8) if hours.covers("info", at(day, 12), UTC)] == [6, 7]
    assert hours.covers("info", at(6, 23, 59), UTC)


@pytest.mark.parametrize("text", ["", "22-x", "25:00-07:00", "x 22:00-07:00", "22:00", "22:70-23:00"])
def test_what_are_no_quiet_hours(text):
    with pytest.raises(ConfigError, match="no quiet hours"):
        parse_quiet_hours(text)

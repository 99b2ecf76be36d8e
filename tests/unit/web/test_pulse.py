from guestwire.web.pulse import SPARK_POINTS, Minutes, Pulse, amount, share
from tests.unit.web.conftest import silent, web1


def test_a_minute_s_mean_and_minutes_without_figures():
    minutes = Minutes(share)
    minutes.add(60.0, 1.0)
    minutes.add(90.0, 3.0)
    minutes.add(240.0, 5.0)
    assert minutes.points(250.0)[-4:] == [2.0, None, None, 5.0]
    assert len(minutes.points(250.0)) == SPARK_POINTS
    assert minutes.points(60.0 * 100) == [None] * SPARK_POINTS


def test_history_fills_what_was_before():
    minutes = Minutes(share)
    minutes.add(600.0, 1.0)
    minutes.remember(610.0, [480.0, 540.0, 600.0], [8.0, 9.0, 100.0])
    assert minutes.points(610.0)[-3:] == [8.0, 9.0, 1.0]
    fresh = Minutes(share)
    fresh.remember(610.0, [540.0], [9.0])
    assert fresh.points(610.0)[-2:] == [9.0, None]


def test_rates_need_two_polls_in_a_row():
    pulse = Pulse()
    pulse.take(web1(2000.0))
    assert pulse.cpu is None
    pulse.take(web1(2010.0))
    assert (pulse.cpu, pulse.received, pulse.sent) == (0.25, 100, 50)
    pulse.take(silent(2020.0))
    assert pulse.cpu is None
    pulse.take(web1(2030.0))
    assert pulse.cpu is None, "nobody knows what was between"
    pulse.take(web1(2030.0))
    assert pulse.cpu is None, "a clock that stood still is no time"


def test_sparklines_are_as_fine_as_they_are_seen():
    assert (share(0.12345), amount(123456.7), amount(0.0)) == (0.12, 123000.0, 0.0)

import pytest

from guestwire.monitor.rules.functions import AGGREGATES, FUNCTIONS

TIMES = [10.0, 20.0, 30.0, 40.0, 50.0]


def run(name, values, *numbers, times=TIMES, start=0.0, end=60.0):
    return FUNCTIONS[name].window(times, values, start, end, *numbers)


def test_rates_reach_to_the_edges():
    assert run("increase", [10.0, 20.0, 30.0, 40.0, 50.0]) == pytest.approx(60)
    assert run("rate", [10.0, 20.0, 30.0, 40.0, 50.0]) == pytest.approx(1)
    assert run("increase", [2.0, 12.0, 22.0, 32.0, 42.0]) == pytest.approx(52), "not before the counter was 0"
    assert run("increase", [10.0, 20.0, 30.0, 40.0, 50.0], end=100.0) == pytest.approx(55), (
        "a far edge: half a step"
    )


def test_a_reset_is_no_loss():
    assert run("increase", [100.0, 110.0, 5.0, 15.0, 25.0], start=9.0, end=51.0) == pytest.approx(
        35 * 42 / 40
    )
    assert run("irate", [0.0, 0.0, 0.0, 90.0, 10.0]) == 1
    assert run("resets", [3.0, 2.0, 5.0, 1.0, 1.0]) == 2


def test_gauges():
    assert run("delta", [50.0, 40.0, 30.0, 20.0, 10.0]) == pytest.approx(-60)
    assert run("deriv", [50.0, 40.0, 30.0, 20.0, 10.0]) == pytest.approx(-1)
    assert run("predict_linear", [50.0, 40.0, 30.0, 20.0, 10.0], 100.0) == pytest.approx(-100)
    assert run("predict_linear", [5.0] * 5, 100.0) == 5
    assert run("changes", [1.0, 1.0, 2.0, 1.0, 1.0]) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [("avg", 3), ("min", 1), ("max", 6), ("sum", 15), ("count", 5), ("last", 6)],
)
def test_over_time(name, value):
    assert run(f"{name}_over_time", [1.0, 2.0, 2.0, 4.0, 6.0]) == value


@pytest.mark.parametrize("name", ["rate", "irate", "increase", "delta", "deriv"])
def test_one_sample_is_too_few(name):
    assert run(name, [1.0], times=[10.0]) is None


def test_one_sample_predicts_nothing():
    assert run("predict_linear", [1.0], 5.0, times=[10.0]) is None


def test_aggregates():
    assert {name: compute([1.0, 3.0]) for name, compute in AGGREGATES.items()} == {
        "sum": 4, "avg": 2, "min": 1, "max": 3, "count": 2,
    }  # fmt: skip

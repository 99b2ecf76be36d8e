from guestwire.web.details import full_in


def test_a_filesystem_that_fills_up_is_foretold():
    times = [0.0, 300.0, 600.0, 900.0]
    assert full_in(times, [4000.0, 3000.0, 2000.0, 1000.0]) == 300


def test_no_forecast_without_a_trend():
    times = [0.0, 300.0, 600.0, 900.0]
    assert full_in(times, [1.0, 1.0, 1.0, 1.0]) is None
    assert full_in(times, [1.0, 2.0, 3.0, 4.0]) is None
    assert full_in(times[:2], [2.0, 1.0]) is None
    assert full_in(times, [1e12, 1e12 - 1, 1e12 - 2, 1e12 - 3]) is None

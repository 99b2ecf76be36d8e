from array import array

from guestwire.monitor.samples import Kind
from guestwire.monitor.store.block import Track
from guestwire.monitor.store.rollup import increases, rates, reroll, roll

FIVE = 300_000


def raw(*pairs):
    return Track(array("q", [t for t, _ in pairs]), (array("d", [v for _, v in pairs]),))


def rows(track):
    return {start: tuple(column[i] for column in track.columns) for i, start in enumerate(track.times)}


def test_a_gauge_keeps_least_greatest_average_last():
    track = raw((0, 2), (100_000, 8), (200_000, 5), (FIVE, 1))
    assert rows(roll(track, Kind.GAUGE, FIVE)) == {0: (2, 8, 5, 5, 3), FIVE: (1, 1, 1, 1, 1)}


def test_a_counter_keeps_its_rates_and_last_value():
    track = raw((0, 0), (100_000, 100), (200_000, 400))
    assert rows(roll(track, Kind.COUNTER, FIVE)) == {0: (1, 3, 2, 400, 3)}


def test_a_counter_reset_is_no_negative_rate():
    assert increases(array("d", [10, 15, 3, 4])) == [5, 3, 1]
    track = rates(array("q", [0, 1000, 3000]), array("d", [10, 15, 3]))
    assert track == Track(array("q", [1000, 3000]), (array("d", [5, 1.5]),))


def test_the_sample_before_gives_the_first_rate():
    track = raw((100_000, 100))
    assert rows(roll(track, Kind.COUNTER, FIVE, (0, 0))) == {0: (1, 1, 1, 100, 1)}
    assert rows(roll(track, Kind.COUNTER, FIVE, (200_000, 0))) == {0: (0, 0, 0, 100, 0)}


def test_buckets_become_wider():
    narrow = roll(raw((0, 2), (FIVE, 8), (2 * FIVE, 4), (12 * FIVE, 7)), Kind.GAUGE, FIVE)
    assert rows(reroll(narrow, 12 * FIVE)) == {0: (2, 8, 14 / 3, 4, 3), 12 * FIVE: (7, 7, 7, 7, 1)}


def test_a_bucket_without_known_rate_does_not_count():
    unknown = roll(raw((0, 5)), Kind.COUNTER, FIVE)
    known = roll(raw((FIVE, 605)), Kind.COUNTER, FIVE, (0, 5))
    both = Track(
        unknown.times + known.times, tuple(a + b for a, b in zip(unknown.columns, known.columns, strict=True))
    )
    assert rows(reroll(both, 12 * FIVE)) == {0: (2, 2, 2, 605, 1)}
    assert rows(reroll(unknown, 12 * FIVE)) == {0: (0, 0, 0, 5, 0)}


def test_nothing_gives_nothing():
    empty = roll(Track(array("q"), (array("d"),)), Kind.GAUGE, FIVE)
    assert not empty.times
    assert len(empty.columns) == 5


def test_stored_figures_have_six_digits():
    track = roll(raw((0, 1 / 3), (10, 1234567.5)), Kind.GAUGE, FIVE, exact=False)
    assert rows(track) == {0: (0.333333, 1234570, 617284, 1234567.5, 2)}

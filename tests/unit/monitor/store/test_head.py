from array import array

from guestwire.monitor.store.block import Track
from guestwire.monitor.store.head import Head


def add(head, layout, series, at, seq, *values):
    head.rows(1, layout, series).append(at, seq, array("d", values))


def filled():
    head = Head()
    for i in range(5):
        add(head, 1, (10, 11), i * 10, i + 1, i, i * 2)
    add(head, 2, (20,), 25, 3, 7)
    return head


def track(times, values):
    return Track(array("q", times), (array("d", values),))


def test_reading_one_series():
    head = filled()
    assert head.read(1, 11, 10, 30) == track([10, 20, 30], [2, 4, 6])
    assert head.read(1, 20, 0, 99) == track([25], [7])
    assert head.read(1, 99, 0, 99) is None
    assert head.read(1, 11, 41, 99) is None
    assert head.read(2, 11, 0, 99) is None


def test_oldest_latest_and_first_entry():
    head = filled()
    assert head.oldest(1) == 0
    assert head.oldest(5) is None
    assert head.first_seq() == 1
    assert head.latest(1) == {10: (40, 4), 11: (40, 8), 20: (25, 7)}
    assert Head().first_seq() is None


def test_of_two_layouts_in_one_log_entry_the_later_poll_counts():
    head = Head()
    add(head, 1, (10, 11), 0, 1, 1, 1)
    add(head, 2, (10,), 10, 1, 2)
    add(head, 1, (10, 11), 20, 1, 3, 3)
    assert head.latest(1) == {10: (20, 3), 11: (20, 3)}


def test_cut_goes_by_log_entries():
    head = filled()
    upto, counts = head.cut(1, 30, 5)
    assert (upto, counts) == (3, {1: 3, 2: 1})
    assert head.tracks(1, counts) == {
        10: track([0, 10, 20], [0, 1, 2]),
        11: track([0, 10, 20], [0, 2, 4]),
        20: track([25], [7]),
    }
    assert head.drop(1, counts) == [2]
    assert head.read(1, 10, 0, 99) == track([30, 40], [3, 4])
    assert head.first_seq() == 4


def test_cut_of_everything():
    assert filled().cut(1, 1000, 5) == (5, {1: 5, 2: 1})
    assert Head().cut(1, 1000, 0) == (0, {})
    assert filled().cut(1, 1000, 3) == (3, {1: 3, 2: 1}), "the rest is not written yet"


def test_a_clock_that_went_back():
    head = Head()
    for seq, at in enumerate((1000, 1010, 500, 510, 520), 1):
        add(head, 1, (10,), at, seq, at)
    assert head.read(1, 10, 0, 2000) == track([500, 510, 520, 1000, 1010], [500, 510, 520, 1000, 1010])
    assert head.read(1, 10, 505, 1000) == track([510, 520, 1000], [510, 520, 1000])
    assert head.cut(1, 515, 5) == (4, {1: 4})
    head.drop(1, {1: 4})
    assert head.read(1, 10, 0, 2000) == track([520], [520])


def test_a_series_in_two_layouts():
    head = filled()
    add(head, 3, (10, 30), 50, 6, 5, 0)
    assert head.read(1, 10, 30, 60) == track([30, 40, 50], [3, 4, 5])
    assert head.latest(1)[10] == (50, 5)

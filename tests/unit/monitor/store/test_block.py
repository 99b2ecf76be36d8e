from array import array

import pytest

from guestwire.monitor.store.block import Block, Track, join, pack


def track(times, *columns):
    return Track(array("q", times), tuple(array("d", column) for column in columns))


def test_series_come_back_and_share_their_times():
    tracks = {7: track([10, 20], [1, 2]), 3: track([10, 20], [5, 6.5]), 9: track([15], [0])}
    block = Block(pack(tracks))
    assert list(block.ids) == [3, 7, 9]
    for series, expected in tracks.items():
        assert block.read(series) == expected
    assert block.read(4) is None
    assert block.read(10) is None


def test_several_columns():
    tracks = {1: track([0, 300_000], [1, 2], [3, 4], [2, 3.25], [2, 4], [30, 30])}
    assert Block(pack(tracks)).read(1) == tracks[1]


@pytest.mark.parametrize(
    "data", [b"", b"\x01\x01", b"\x07" + bytes(20), b"\x01\x01\x01\x00\x05\x00\x00\x00abc"]
)
def test_damaged_blocks_are_refused(data):
    with pytest.raises(ValueError, match="a block"):
        Block(data)


def test_join_in_order():
    assert join([track([1, 2], [1, 2]), track([3], [3])]) == track([1, 2, 3], [1, 2, 3])


def test_join_sorts_and_the_later_part_wins():
    assert join([track([5, 6], [1, 2]), track([3, 6], [9, 8])]) == track([3, 5, 6], [9, 1, 8])


def test_join_can_keep_both():
    assert join([track([5], [1]), track([5], [2])], unique=False) == track([5, 5], [1, 2])

from array import array

import pytest

from guestwire.monitor.store import log


def test_rows_come_back():
    entry = log.Entry()
    entry.add(1, 2, 1_700_000_000_123, array("d", [1.5, -2]))
    entry.add(3, 4, 5, array("d", [0]))
    assert entry.size
    assert list(log.rows(entry.data())) == [
        (1, 2, 1_700_000_000_123, array("d", [1.5, -2])),
        (3, 4, 5, array("d", [0])),
    ]


def test_damage_is_said():
    import zlib

    entry = log.Entry()
    entry.add(1, 2, 3, array("d", [1, 2]))
    plain = zlib.decompress(entry.data())
    for data in (b"junk", zlib.compress(plain[:-8]), zlib.compress(plain[:10])):
        with pytest.raises(ValueError, match="a log entry"):
            list(log.rows(data))

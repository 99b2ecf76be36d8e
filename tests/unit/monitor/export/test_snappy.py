import sys

import pytest

from guestwire.monitor.export import snappy

DATA = b"label value " * 20_000


def test_stored_is_what_snappy_reads():
    cramjam = pytest.importorskip("cramjam")
    for data in (b"", b"x", DATA[:60], DATA[:61], DATA[:256], DATA[:257], DATA):
        assert bytes(cramjam.snappy.decompress_raw(snappy.stored(data))) == data


def test_compressed_where_the_package_is():
    cramjam = pytest.importorskip("cramjam")
    packed = snappy.compress(DATA)
    assert len(packed) < len(DATA) // 10
    assert bytes(cramjam.snappy.decompress_raw(packed)) == DATA


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "cramjam", None)
    assert snappy.compress(b"abc") == b"\x03\x08abc"

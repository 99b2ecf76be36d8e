import struct

from guestwire.monitor.export import protobuf


def test_varints():
    assert [protobuf.varint(n) for n in (0, 127, 128, 300)] == [b"\0", b"\x7f", b"\x80\x01", b"\xac\x02"]


def test_labels_are_sorted_and_empty_ones_left_out():
    data = protobuf.labels("up", [("zone", "é"), ("Alpha", "1"), ("empty", "")])
    assert data == (
        b"\x0a\x0a\x0a\x05Alpha\x12\x011"
        + b"\x0a\x0e\x0a\x08__name__\x12\x02up"
        + b"\x0a\x0a\x0a\x04zone\x12\x02\xc3\xa9"
    )


def test_a_series():
    sample = b"\x09" + struct.pack("<d", 1.5) + b"\x10\xac\x02"
    assert (
        protobuf.series(b"L", 1.5, 300)
        == b"\x0a" + bytes((len(sample) + 3,)) + b"L\x12" + bytes((len(sample),)) + sample
    )


def test_a_time_before_the_epoch():
    assert len(protobuf.series(b"", 0.0, -1)) == 2 + 2 + 9 + 11

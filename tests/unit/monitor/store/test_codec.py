import math
import struct
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestwire.monitor.store import codec


def same(a, b):
    return array("d", a).tobytes() == array("d", b).tobytes()


@given(st.lists(st.floats(), min_size=1, max_size=60))
def test_any_doubles_come_back_bit_for_bit(values):
    assert same(codec.decode(codec.encode(values), len(values)), values)


@given(st.lists(st.integers(-(2**60), 2**60), min_size=1, max_size=60))
def test_any_integers_come_back(numbers):
    assert codec.decode_integers(codec.encode_integers(numbers), len(numbers)) == numbers


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=60), st.sampled_from([1, 100, 1000, 10**6]))
def test_decimal_fractions_come_back(numbers, scale):
    values = [n / scale for n in numbers]
    assert same(codec.decode(codec.encode(values), len(values)), values)


@pytest.mark.parametrize("value", [0.0, 4096.0, 1e18, 0.1])
def test_a_constant_is_nine_bytes(value):
    data = codec.encode([value] * 500)
    assert len(data) == 9
    assert list(codec.decode(data, 500)) == [value] * 500


def test_negative_zero_stays_negative():
    assert math.copysign(1, codec.decode(codec.encode([-0.0, 0.0]), 2)[0]) == -1
    assert math.copysign(1, codec.decode(codec.encode([-0.0, -0.0]), 2)[1]) == -1


def test_a_steady_counter_is_small():
    assert len(codec.encode([float(1_000_000 + 10 * i) for i in range(360)])) < 60


def test_pages_are_counted_as_pages():
    values = [float(4096 * (1000 + i * 7 % 200)) for i in range(360)]
    assert len(codec.encode(values)) < 420


def test_a_column_cut_short_is_refused():
    data = codec.encode([float(i * i % 97) + 0.1234567 * i for i in range(50)])
    with pytest.raises((ValueError, struct.error, Exception)):
        codec.decode(data[:-10], 50)

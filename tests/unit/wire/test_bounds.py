"""What is too deep or too crowded is seen without a parse; all else passes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestwire.wire.bounds import trouble


def nested(depth, open_="[", close="]"):
    return (open_ * depth + close * depth).encode()


@pytest.mark.parametrize("depth", [1, 1000, 1024])
def test_depth_up_to_the_bound_passes(depth):
    assert trouble(nested(depth) + b" " * 2000) is None


@pytest.mark.parametrize("depth", [1025, 5000, 100_000])
def test_deeper_is_refused(depth):
    assert "deeper than 1024" in trouble(nested(depth))


def test_deep_objects_are_refused():
    assert "deeper" in trouble(nested(1100, '{"a":', "}"))


def test_depth_behind_many_shallow_values_is_refused():
    assert "deeper" in trouble(b"[" + b"[[[]]]," * 2000 + nested(1024) + b"]")


def test_wide_and_shallow_passes():
    assert trouble(json.dumps([{"a": [1, {"b": []}]}] * 3000).encode()) is None


def test_values_that_hold_their_own_depth_pass():
    assert trouble(b"[" + b",".join([nested(12)] * 200) + b"]") is None


def test_brackets_in_strings_do_not_count():
    assert trouble(json.dumps({"return": '[{\\"[' * 2000 + "\\"}).encode()) is None


def test_unbalanced_brackets_are_harmless():
    assert trouble(b"]}" * 2000 + b"[" * 10) is None
    assert "deeper" in trouble(b"[" * 2000)


def test_too_many_values_are_refused():
    assert "2097152 values" in trouble(b"[" + b"[]," * (1 << 20) + b"[]]")


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_what_json_writes_passes(value):
    assert trouble(json.dumps([value] * 3).encode()) is None

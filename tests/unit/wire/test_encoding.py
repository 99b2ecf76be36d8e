"""What goes out is ASCII in QEMU's own spelling."""

from __future__ import annotations

import pytest

from guestwire.wire.encoding import encode


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, b"{}"),
        ({"a": [1, True, None, "x"]}, b'{"a": [1, true, null, "x"]}'),
        ("\xe9\xef", b'"\\u00E9\\u00EF"'),
        ("\U0001f600", b'"\\uD83D\\uDE00"'),
        ("\x7f\x01\n", b'"\\u007F\\u0001\\n"'),
        ("a\udcffb", b'"a\\uFFFDb"'),
        ("\ud800x\udc00", b'"\\uFFFDx\\uFFFD"'),
        ("\\u00e9", b'"\\\\u00e9"'),
        ("\\\xe9", b'"\\\\\\u00E9"'),
        ({"\udc80": ["\udc80"]}, b'{"\\uFFFD": ["\\uFFFD"]}'),
        ({"deep": {"data": b"QUJD"}}, b'{"deep": {"data": "QUJD"}}'),
        (1 << 64, b"18446744073709551616"),
    ],
)
def test_encode(value: object, text: bytes) -> None:
    assert encode(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, b"0.10000000000000001"),
        (1.0, b"1"),
        (-0.0, b"-0"),
        (1.2345678901234568e22, b"1.2345678901234568e+22"),
        ({"a": [1.5, {"b": "\xe9"}, None]}, b'{"a": [1.5, {"b": "\\u00E9"}, null]}'),
        (float("inf"), b"1.7976931348623157e+308"),
        (float("-inf"), b"-1.7976931348623157e+308"),
    ],
)
def test_exact_doubles(value: object, text: bytes) -> None:
    assert encode(value, exact=True) == text


def test_what_json_cannot_carry_is_named() -> None:
    with pytest.raises(TypeError, match="a command returned set"):
        encode({"a": {1}})

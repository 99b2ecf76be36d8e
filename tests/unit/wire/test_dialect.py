"""QEMU's JSON dialect, one value at a time. The expected texts were taken from the C agent."""

from __future__ import annotations

import pytest

from guestwire.wire import dialect
from guestwire.wire.dialect import DialectError


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        (b"0", 0),
        (b"-0", 0),
        (b"9223372036854775807", 2**63 - 1),
        (b"9223372036854775808", 2**63),
        (b"18446744073709551615", 2**64 - 1),
        (b"18446744073709551616", 2.0**64),
        (b"-9223372036854775808", -(2**63)),
        (b"-9223372036854775809", -(2.0**63)),
        (b"0.5e1", 5.0),
        (b"1E2", 100.0),
        (b"9" * 5000, float("inf")),
    ],
)
def test_numbers(literal: bytes, value: float) -> None:
    assert dialect.number(literal) == value
    assert type(dialect.number(literal)) is type(value)


def test_keywords() -> None:
    assert dialect.keyword(b"true") is True
    assert dialect.keyword(b"false") is False
    assert dialect.keyword(b"null") is None
    with pytest.raises(DialectError, match="invalid keyword 'nul'"):
        dialect.keyword(b"nul")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"plain", "plain"),
        (b"\\\"\\\\\\/\\b\\f\\n\\r\\t\\'", "\"\\/\b\f\n\r\t'"),
        (b"\\u0041\\u00e9\\u0000", "A\xe9\0"),
        (b"\\ud83d\\ude00", "\U0001f600"),
        ("\xe9\U0001f600".encode(), "\xe9\U0001f600"),
        (b"\xc0\x80", "\0"),
    ],
)
def test_strings(body: bytes, text: str) -> None:
    assert dialect.string(body) == text


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"\\q", "invalid escape sequence in string"),
        (b"\\ud800", "\\ud800 is not a valid Unicode character"),
        (b"\\ud800\\u0041", "\\ud800 is not a valid Unicode character"),
        (b"\\ude00", "\\ude00 is not a valid Unicode character"),
        (b"\\udbff\\udfff", "\\udbff\\udfff is not a valid Unicode character"),
        (b"\\ufffe", "\\ufffe is not a valid Unicode character"),
        (b"\\ufdd0", "\\ufdd0 is not a valid Unicode character"),
        (b"\\u12", '\\u12" is not a valid Unicode character'),
        (b"\\u12g4", "\\u12g4 is not a valid Unicode character"),
        (b"\xc3(", "invalid UTF-8 sequence in string"),
        (b"\xed\xa0\x80", "invalid UTF-8 sequence in string"),
        (b"\xf4\x90\x80\x80", "invalid UTF-8 sequence in string"),
        (b"\xef\xbf\xbe", "invalid UTF-8 sequence in string"),
        (b"\xef\xb7\x90", "invalid UTF-8 sequence in string"),
        (b"\xc1\xbf", "invalid UTF-8 sequence in string"),
    ],
)
def test_strings_that_qemu_refuses(body: bytes, error: str) -> None:
    with pytest.raises(DialectError) as caught:
        dialect.string(body)
    assert str(caught.value) == error


def test_printable_ends_at_a_nul() -> None:
    assert dialect.printable(b'"a\xff') == '"a\ufffd'
    assert dialect.printable(b"ab\0cd") == "ab"

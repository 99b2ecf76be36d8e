"""The inside of a long string, in pieces."""

from __future__ import annotations

import pytest

from guestwire.wire import stringstream
from guestwire.wire.stringstream import ENDED, GOES_ON, OVERLONG, SPOILED, StringStream


def run(data: bytes, size: int) -> tuple[bytes, int, int]:
    """The text, the bytes used, and the state at the end."""
    stream = StringStream()
    text, used = b"", 0
    for at in range(0, len(data), size):
        piece, count, state = stream.feed(data[at : at + size])
        text += piece
        used += count
        if state != GOES_ON:
            return text, used, state
    return text, used, GOES_ON


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"QUJD", b"QUJD"),
        (b"QUJD\\nREVG\\/\\u0041", b"QUJD\nREVG/A"),
        (b'a\\"b\\\\', b'a"b\\'),
        (b"\\ud83d\\ude00", "\U0001f600".encode()),
        (b"\xc3\xa9", b"\xc3\xa9"),
        (b"", b""),
    ],
)
def test_the_text_and_its_end(data: bytes, text: bytes, size: int) -> None:
    got, used, state = run(data + b'"rest', size)
    assert (got, state) == (text, ENDED)
    assert used == len(data) + 1


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize("bad", [b"\n", b"\xff", b"\xfe"])
def test_a_byte_that_no_string_can_hold(bad: bytes, size: int) -> None:
    assert run(b"QUJD" + bad + b'x"', size) == (b"QUJD", 4, SPOILED)


def test_wrong_escapes_are_left_for_the_receiver() -> None:
    assert run(b'QU\\xJD"', 1000) == (b"QU\\xJD", 7, ENDED)


def test_it_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stringstream, "MAX_STREAM_BYTES", 10)
    assert run(b"x" * 20, 4)[2] == OVERLONG

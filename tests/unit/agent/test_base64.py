"""The decoding cases were taken from the C agent's guest-file-write, one by one."""

from __future__ import annotations

import base64 as reference
import random

import pytest

from guestwire.agent import base64
from guestwire.errors import CommandError

AS_THE_C_AGENT = [
    ("", b""),
    ("YWJj", b"abc"),
    ("YWI=", b"ab"),
    ("YQ==", b"a"),
    ("YWI", b""),
    ("YWJjYQ", b"abc"),
    ("YWJj\nZGVm\n", b"abcdef"),
    ("Y\nW\nJ\nj", b"abc"),
    ("YQ==YWI=", b"aab"),
    ("YWJj=", b"abc"),
    ("====", b"\0"),
    ("A=BC", b"\x00\x00B"),
    ("AB=C", b"\x00\x02"),
    ("YR==", b"a"),
]
REFUSED = ["YWJj\r\n", "YWJj YWJj", "YWJj\0", "é", "-_-_", "*", "YW\t", "YWJjY*", "!WJjYWJj"]


@pytest.fixture(params=["plain", "accelerated"])
def _decoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "plain":
        monkeypatch.setattr(base64, "_decode_groups", base64._plain_decode)
    elif not base64.ACCELERATED:
        pytest.skip("pybase64 is not installed")


@pytest.mark.usefixtures("_decoder")
class TestDecode:
    @pytest.mark.parametrize(("text", "expected"), AS_THE_C_AGENT)
    def test_as_the_c_agent(self, text: str, expected: bytes) -> None:
        assert base64.b64decode(text) == expected
        assert base64.b64decode(text.encode()) == expected
        assert base64.b64decode(memoryview(text.encode())) == expected

    @pytest.mark.parametrize("text", REFUSED)
    def test_refused(self, text: str) -> None:
        with pytest.raises(CommandError, match=r"^Base64 data contains invalid characters$"):
            base64.b64decode(text)

    @pytest.mark.parametrize(("text", "expected"), AS_THE_C_AGENT)
    def test_any_cut_gives_the_same(self, text: str, expected: bytes) -> None:
        for step in range(1, 6):
            decoder = base64.Decoder()
            pieces = [decoder.feed(text[at : at + step].encode()) for at in range(0, len(text), step)]
            assert b"".join(pieces) + decoder.finish() == expected

    def test_round_trip(self) -> None:
        source = random.Random(1)
        for size in (0, 1, 2, 3, 57, 4096, 100_001):
            data = source.randbytes(size)
            assert base64.b64decode(base64.b64encode(data)) == data


@pytest.mark.parametrize("size", [0, 1, 2, 3, 1000])
def test_encode_is_one_line(size: int) -> None:
    data = bytes(range(256)) * 4
    assert base64.b64encode(data[:size]) == reference.b64encode(data[:size])
    assert base64._plain_encode(memoryview(data)[:size]) == reference.b64encode(data[:size])


def test_decoder_starts_anew_after_finish() -> None:
    decoder = base64.Decoder()
    assert decoder.feed(b"YW") == b""
    assert decoder.finish() == b""
    assert decoder.feed(bytearray(b"YWJj")) == b"abc"

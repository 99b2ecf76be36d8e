from __future__ import annotations

import json

import pytest

from guestwire.broker import longtext
from guestwire.broker.longtext import LongText
from guestwire.wire.messages import Request

WRITE = Request("guest-file-write", {"handle": 3, "buf-b64": "", "count": 4}, streamed="buf-b64")


def test_pieces_make_one_request() -> None:
    text = LongText()
    for piece in (b"QUJD", b"", b"REVG"):
        text.add(piece)
    assert json.loads(text.line(WRITE)) == {
        "execute": "guest-file-write",
        "arguments": {"handle": 3, "buf-b64": "QUJDREVG", "count": 4},
    }


@pytest.mark.parametrize("piece", [b'"', b"\\", b"\n", b" ", b"\x00"])
def test_nothing_breaks_out_of_the_text(piece: bytes) -> None:
    text = LongText()
    text.add(b"QUJD" + piece)
    with pytest.raises(ValueError, match="base64"):
        text.line(WRITE)


def test_a_text_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(longtext, "MOST", 10)
    text = LongText()
    for _ in range(5):
        text.add(b"QUJD")
    with pytest.raises(ValueError, match="more than 10 bytes"):
        text.line(WRITE)

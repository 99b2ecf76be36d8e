"""The base of streamed arguments: faults are kept for the end."""

from __future__ import annotations

from typing import Any

import pytest

from guestwire.agent.upload import Upload
from guestwire.errors import CommandError


class Collect(Upload):
    def __init__(self) -> None:
        super().__init__()
        self.text = b""

    def _take(self, text: bytes) -> None:
        if text == b"bad":
            raise CommandError("bad text")
        self.text += text

    def _result(self, **arguments: Any) -> Any:
        return self.text, arguments


def test_pieces_make_a_result() -> None:
    upload = Collect()
    upload.feed(b"ab")
    upload.feed(b"cd")
    assert upload.finish(count=3) == (b"abcd", {"count": 3})


def test_the_first_fault_ends_the_work_and_is_told_at_the_end() -> None:
    upload = Collect()
    upload.feed(b"bad")
    upload.feed(b"good")
    assert upload.text == b""
    with pytest.raises(CommandError, match="bad text"):
        upload.finish()


def test_a_refused_upload_swallows_everything() -> None:
    upload = Upload.refused(CommandError("no"))
    upload.feed(b"x")
    with pytest.raises(CommandError, match="no"):
        upload.finish()
    upload.abort()

from __future__ import annotations

import os

import pytest

from guestwire.agent.system.portable import files


def test_a_name_that_is_no_text_for_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """There, Python takes the bytes of a path for UTF-8."""

    def open_as_windows(path: bytes, *_: int) -> int:
        raise AssertionError(path.decode("utf-8"))

    monkeypatch.setattr(files.os, "open", open_as_windows)
    with pytest.raises(FileNotFoundError):
        files.open_file(b"\xc0\x80", os.O_RDONLY)

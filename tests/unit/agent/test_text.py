from __future__ import annotations

from guestwire.agent.text import to_os


def test_to_os() -> None:
    assert to_os("/tmp/é") == b"/tmp/\xc3\xa9"
    assert to_os("a\0b") == b"a\xc0\x80b"
    assert to_os("\udcff") == b"\xff"

"""Bytes of a guest on standard output."""

from __future__ import annotations

import pytest

from guestwire.cli import raw

PIECES = (b"\x1b[31m\xff", "grün".encode()[:3], "grün".encode()[3:] + b"\n", b"\xe2", b"")


def test_into_a_pipe_as_they_are(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write = raw.writer()
    for piece in PIECES:
        write(piece)
    assert capfdbinary.readouterr().out == b"".join(PIECES)


@pytest.mark.parametrize(("as_it_is", "expected"), [(False, "\\x1b[31m\\xffgrün\n\\xe2"), (True, None)])
def test_on_a_terminal_harmless_unless_told_otherwise(
    as_it_is: bool, expected: str | None, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw, "is_terminal", lambda stream: True)
    write = raw.writer(as_it_is)
    for piece in PIECES:
        write(piece)
    shown = capfd.readouterr().out
    assert shown == expected if expected else shown.startswith("\x1b[31m")

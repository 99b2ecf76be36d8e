"""The bar of copies."""

from __future__ import annotations

import io
import re

import pytest

from guestwire.cli import progress


class Terminal(io.StringIO):
    """A terminal of 80 columns."""

    def isatty(self) -> bool:
        return True


def shown(wanted: bool, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a copy's reports look like."""
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with progress.bar(wanted) as bar:
        bar(1, 2)
        bar.entering("nothing yet")
        bar.begin("file\x1b]0;evil\x07[red]", 100)
        bar(50, 200)
        bar.begin("folder")
        bar.entering("x" * 100 + "/end")
        bar(10, None)
        bar(200, 200)
    return stream.getvalue()


def test_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    written = shown(True, monkeypatch)
    assert "\x1b]" not in written
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written)
    assert "file\\x1b]0;evil\\x07[red]" in text
    assert "…" + "x" * 25 + "/end" in text
    assert "25%" in text
    assert "50/200 bytes" in text


@pytest.mark.parametrize("wanted", [True, False])
def test_nothing_where_nobody_looks(wanted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if wanted:
        monkeypatch.setattr(progress, "is_terminal", lambda stream: False)
    assert shown(wanted, monkeypatch) == ""

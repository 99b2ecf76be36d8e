"""How wide a table's columns are on a terminal."""

from __future__ import annotations

import io

import pytest

from guestwire.cli import drawing
from guestwire.cli.output import Table, bytes_column

ROWS = [("web1", 3 << 30, "up (guestwire-agent 0.1.0)", "Debian GNU/Linux 12 (bookworm)")]
COLUMNS = ("guest", bytes_column("memory"), "agent", "system")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def drawn(columns: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    for name, value in {"COLUMNS": str(columns), "NO_COLOR": "1", "TERM": "xterm"}.items():
        monkeypatch.setenv(name, value)
    stream = Terminal()
    drawing.draw(Table(COLUMNS, ROWS), stream)
    return stream.getvalue().splitlines()


def test_room_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(drawn(100, monkeypatch)) == 2


@pytest.mark.parametrize("columns", [50, 60, 72])
def test_words_and_figures_stay_whole(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = drawn(columns, monkeypatch)
    words = " ".join(lines).split()
    assert {"(guestwire-agent", "0.1.0)", "(bookworm)", "GNU/Linux", "GiB", "3.0"} <= set(words)
    assert any("3.0 GiB" in line for line in lines)
    assert all(len(line) <= columns for line in lines)


def test_no_room_for_every_word(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(len(line) <= 20 for line in drawn(20, monkeypatch))

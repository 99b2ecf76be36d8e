"""`guestwire top` without a terminal, and with options that contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guestwire.cli.main import main

if TYPE_CHECKING:
    import pytest


def test_it_wants_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["top"]) == 2
    assert "terminal" in capsys.readouterr().err


def test_a_daemon_has_its_own_guests(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["top", "--url", "http://x", "--guest", "a=b"]) == 2
    assert "--guest" in capsys.readouterr().err

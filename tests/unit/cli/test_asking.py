"""The question before several guests are shut down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
import pytest

from guestwire.cli import asking
from guestwire.testing import FakeGuest

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def guests(stand_in: Run) -> dict[str, FakeGuest]:
    return {name: stand_in(name, FakeGuest({"guest-shutdown": {}})) for name in ("web1", "web2")}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    questions: list[str] = []

    def confirm(text: str, err: bool) -> bool:
        questions.append(text)
        return len(questions) > 1

    monkeypatch.setattr(asking, "is_terminal", lambda stream: True)
    monkeypatch.setattr(click, "confirm", confirm)
    return questions


def test_a_person_is_asked(run: Run, asked: list[str], guests: dict[str, FakeGuest]) -> None:
    said = run("shutdown", "web*")
    assert asked == ["shut down 2 guests (web1, web2)?"]
    assert (said.status, said.err) == (1, "guestwire: nothing was done\n")
    assert guests["web1"].calls == []
    run("reboot", "web1", "web2", "--timeout", "0.2")
    assert guests["web1"].calls


@pytest.mark.parametrize("words", [["suspend", "web1"], ["shutdown", "web*", "--yes"]])
def test_not_for_one_nor_twice(run: Run, asked: list[str], words: list[str]) -> None:
    run(*words, "--timeout", "0.2")
    assert asked == []


def test_a_script_is_not_asked(run: Run, guests: dict[str, FakeGuest]) -> None:
    run("shutdown", "web*", "--timeout", "0.2")
    assert guests["web2"].calls

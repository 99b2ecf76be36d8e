"""Completion of files in guests and of this host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
import pytest

from guestwire.cli import completing
from guestwire.errors import GuestTimeout
from guestwire.testing import FakeGuest

Complete = Callable[[click.Context, click.Parameter, str], list[Any]]


def values(complete: Complete, word: str) -> list[str]:
    parameter = click.Argument(["file"])
    return [each.value for each in complete(click.Context(click.Command("x")), parameter, word)]


@pytest.fixture(autouse=True)
def guests(stand_in: Callable[..., Any]) -> None:
    for name in ("web1", "db"):
        stand_in(name, FakeGuest())


@pytest.fixture
def folders(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    asked: list[tuple[str, str]] = []

    def listing(guest: str, folder: str) -> list[str]:
        asked.append((guest, folder))
        return ["etc/", "home/", "entry"]

    monkeypatch.setattr(completing, "listing", listing)
    return asked


def test_guests_and_then_their_files(folders: list[tuple[str, str]]) -> None:
    assert values(completing.guest_file, "w") == ["web1:"]
    assert values(completing.guest_file, "web1:") == ["web1:/"]
    assert values(completing.guest_file, "web1:/e") == ["web1:/etc/", "web1:/entry"]
    assert values(completing.guest_file, "unix:/a:/srv/h") == ["unix:/a:/srv/home/"]
    assert folders == [("web1", "/"), ("unix:/a", "/srv")]


def test_files_of_this_host_are_the_shells(folders: list[tuple[str, str]]) -> None:
    assert values(completing.any_file, "./a:b") == ["./a:b"]
    assert values(completing.any_file, "") == ["db:", "web1:", ""]
    assert values(completing.any_file, "web1:/ho") == ["web1:/home/"]


def test_a_guest_that_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    def listing(guest: str, folder: str) -> list[str]:
        raise GuestTimeout("silent")

    monkeypatch.setattr(completing, "listing", listing)
    assert values(completing.guest_file, "web1:/e") == []


def test_a_real_agent_lists_what_can_be_typed(agent: str, tmp_path: Any) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "a b").touch()
    (tmp_path / "bell\x07").touch()
    assert completing.listing(agent, str(tmp_path)) == ["a b", "folder/"]

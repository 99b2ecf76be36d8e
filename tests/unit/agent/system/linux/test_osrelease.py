from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from guestwire.agent.system.linux.osrelease import os_release, parse, unquote
from tests.unit.agent.trees import FIXTURES, plant

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_override(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QGA_OS_RELEASE", raising=False)


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("debian", "debian"),
        ("", ""),
        ('""', ""),
        ('"Debian GNU/Linux"', "Debian GNU/Linux"),
        ("'Foo Bar'", "Foo Bar"),  # the C agent gives `'Foo`
        ("'a\\b$c'", "a\\b$c"),
        (r'"\$ \" \\ \` \x"', r"$ " + '" \\ ` \\x'),
        (r'"it\'s"', "it's"),
        ("one two", "one"),
        ("one;two", "one"),
        ("one\ttwo", "one"),
        ("crlf\r", "crlf"),
        ("\"a\"b'c'", "abc"),
        ('"rest" # comment', "rest"),
        (r"a\ b", "a b"),
        ('"no end', "no end"),
        ("'no end", "no end"),
        ("end\\", "end"),
        ('"end\\', "end"),
    ],
)
def test_unquote(value: str, word: str) -> None:
    assert unquote(value) == word


def test_parse_passes_over_what_is_no_assignment() -> None:
    text = '\ufeff\njunk\n# ID=no\n  ID=yes\nA B=c\n=x\nID_LIKE="a b"\nID=last'
    assert parse(text) == {"ID": "last", "ID_LIKE": "a b"}


@pytest.mark.parametrize("name", sorted(path.name for path in (FIXTURES / "os-release").iterdir()))
def test_distributions(name: str) -> None:
    values = parse((FIXTURES / "os-release" / name).read_text())
    assert values["ID"] == name.split("-", maxsplit=1)[0]
    assert not any(char in value for value in values.values() for char in "\"'")


def test_first_place_wins(tmp_path: Path) -> None:
    plant(tmp_path, {"usr/lib/os-release": "ID=vendor"})
    assert os_release(str(tmp_path)) == {"ID": "vendor"}
    plant(tmp_path, {"etc/os-release": "ID=admin"})
    assert os_release(str(tmp_path)) == {"ID": "admin"}


def test_none(tmp_path: Path) -> None:
    assert os_release(str(tmp_path)) == {}


def test_environment_names_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, {"etc/os-release": "ID=a", "mine": "ID=b"})
    monkeypatch.setenv("QGA_OS_RELEASE", str(tmp_path / "mine"))
    assert os_release(str(tmp_path)) == {"ID": "b"}
    monkeypatch.setenv("QGA_OS_RELEASE", str(tmp_path / "none"))
    assert os_release(str(tmp_path)) == {}


def test_a_changed_file_is_seen_and_an_unchanged_one_not_parsed_again(tmp_path: Path) -> None:
    plant(tmp_path, {"etc/os-release": "ID=old"})
    first = os_release(str(tmp_path))
    assert os_release(str(tmp_path)) is first
    plant(tmp_path, {"etc/new": "ID=new"})
    os.replace(tmp_path / "etc/new", tmp_path / "etc/os-release")
    assert os_release(str(tmp_path)) == {"ID": "new"}


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    plant(tmp_path, {"etc/os-release": b"NAME=caf\xe9\nID=x\n"})
    assert os_release(str(tmp_path)) == {"NAME": "caf\udce9", "ID": "x"}

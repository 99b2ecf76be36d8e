"""`guestwire cat`."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from guestwire.testing import FakeGuest

StandIn = Callable[..., Any]
DATA = bytes(range(256)) * 500


def cat(*words: str) -> int:
    from guestwire.cli.main import main

    return main(["cat", *words])


@pytest.fixture(autouse=True)
def guests(stand_in: StandIn) -> None:
    for name in ("web1", "web2"):
        stand_in(name, FakeGuest(files={"/data": DATA, "/name": name.encode()}))


def test_every_byte(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert cat("web1:/data", "web1:/name") == 0
    assert capfdbinary.readouterr().out == DATA + b"web1"


def test_several_guests(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert cat("web*:/name") == 0
    assert capfdbinary.readouterr().out == b"web1web2"


def test_programs(capfd: pytest.CaptureFixture[str]) -> None:
    assert cat("web1:/data", "--json") == 0
    told = json.loads(capfd.readouterr().out)
    assert told == {"guest": "web1", "path": "/data", "data": base64.b64encode(DATA).decode()}
    assert cat("web*:/name", "--jsonl") == 0
    assert [json.loads(line)["guest"] for line in capfd.readouterr().out.splitlines()] == ["web1", "web2"]
    assert cat("web*:/name", "--json") == 0
    assert len(json.loads(capfd.readouterr().out)) == 2


def test_a_file_that_is_not_there(capfd: pytest.CaptureFixture[str]) -> None:
    assert cat("web1:/gone") == 1
    assert "No such file or directory" in capfd.readouterr().err


def test_a_pattern_is_no_path(capfd: pytest.CaptureFixture[str]) -> None:
    assert cat("web1:/etc/*.conf") == 1
    assert "patterns are not expanded in a guest" in capfd.readouterr().err


def test_one_failure_does_not_stop_the_others(capfd: pytest.CaptureFixture[str]) -> None:
    assert cat("web1:/gone", "web2:/name") == 1
    said = capfd.readouterr()
    assert said.out == "web2"
    assert said.err.count("\n") == 1
    assert cat("web1:/gone", "web2:/name", "--json") == 1
    gone, found = json.loads(capfd.readouterr().out)
    assert (gone["guest"], gone["path"]) == ("web1", "/gone")
    assert gone["error"]["class"] == "GenericError"
    assert found["data"] == base64.b64encode(b"web2").decode()
    assert cat("web1:/gone", "--jsonl") == 1
    assert "error" in json.loads(capfd.readouterr().out)


@pytest.mark.parametrize("word", ["/etc/passwd", "web1", "web1:"])
def test_no_file_of_a_guest(word: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert cat(word) == 2
    assert "write GUEST:PATH" in capfd.readouterr().err


def test_a_terminal_gets_no_control_characters(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guestwire.cli.raw.is_terminal", lambda stream: True)
    assert cat("web1:/data") == 0
    shown = capfd.readouterr().out
    assert "\\x1b" in shown
    assert not set(shown) & set(map(chr, [*range(9), *range(11, 32), *range(127, 160)]))

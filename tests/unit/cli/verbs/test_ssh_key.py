"""`guestwire ssh-key`, on guests in memory alone."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guestwire.cli.verbs.ssh_key import read_keys
from guestwire.errors import ConfigError
from guestwire.testing import FakeGuest

StandIn = Callable[..., Any]
Run = Callable[..., Any]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIabcdefghijkl ann@desk"
OTHER = 'command="x" ecdsa-sha2-nistp256 AAAAE2Vj'


@pytest.fixture
def guest(stand_in: StandIn) -> FakeGuest:
    answers = {
        "guest-ssh-get-authorized-keys": {"keys": [KEY, OTHER, "ssh-rsa AAAA", "\x1b[31m"]},
        "guest-ssh-add-authorized-keys": None,
        "guest-ssh-remove-authorized-keys": None,
    }
    made: FakeGuest = stand_in("web1", FakeGuest(answers))
    return made


def test_what_is_neither_key_nor_file() -> None:
    with pytest.raises(ConfigError, match="neither a public SSH key nor a file"):
        read_keys(("gar bage",))


def test_list(guest: FakeGuest, run: Run) -> None:
    assert run("ssh-key", "list", "web1", "ann").out == (
        "kind         key            comment or options\n"
        "ssh-ed25519  …abcdefghijkl  ann@desk\n"
        '-            -              command="x" ecdsa-sha2-nistp256 AAAAE2Vj\n'
        "ssh-rsa      …AAAA          -\n"
        "-            -              \\x1b[31m\n"
    )
    assert json.loads(run("ssh-key", "list", "web1", "ann", "--json").out)["keys"][0] == KEY
    assert guest.calls[0] == ("guest-ssh-get-authorized-keys", {"username": "ann"})


def test_no_keys(stand_in: StandIn, run: Run) -> None:
    stand_in("web1", FakeGuest({"guest-ssh-get-authorized-keys": {"keys": []}}))
    assert run("ssh-key", "list", "web1", "ann").out == "no keys\n"


def test_add_from_everywhere(
    guest: FakeGuest, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keys.pub").write_text(f"# mine\n\n{KEY}\n")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{OTHER}\n"))
    done = run("ssh-key", "add", "web1", "ann", str(tmp_path / "keys.pub"), "-", "ssh-rsa AAAA x")
    assert done == (0, "3 keys added for ann\n", "")
    assert guest.calls == [
        ("guest-ssh-add-authorized-keys", {"username": "ann", "keys": [KEY, OTHER, "ssh-rsa AAAA x"]})
    ]


def test_reset(guest: FakeGuest, run: Run) -> None:
    assert run("ssh-key", "add", "web1", "ann", KEY, "--reset").out == "1 key now the only ones for ann\n"
    assert guest.calls[0][1]["reset"] is True


def test_remove(guest: FakeGuest, run: Run) -> None:
    assert json.loads(run("ssh-key", "remove", "web1", "ann", KEY, "--json").out) == {
        "user": "ann",
        "done": "removed",
        "keys": 1,
    }
    assert guest.calls == [("guest-ssh-remove-authorized-keys", {"username": "ann", "keys": [KEY]})]


def test_a_private_key_never_leaves(guest: FakeGuest, run: Run, tmp_path: Path) -> None:
    (tmp_path / "id").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n")
    done = run("ssh-key", "add", "web1", "ann", str(tmp_path / "id"))
    assert done.status == 2
    assert "is a private key" in done.err
    assert guest.calls == []


@pytest.mark.parametrize("content", ["", "# nothing\n", "hello\n", f"{KEY}\nrm -rf /\n", "ssh-rsa\n"])
def test_what_is_no_key(guest: FakeGuest, run: Run, tmp_path: Path, content: str) -> None:
    (tmp_path / "file").write_text(content)
    assert run("ssh-key", "add", "web1", "ann", str(tmp_path / "file")).status == 2
    assert guest.calls == []


def test_a_file_that_is_not_there(guest: FakeGuest, run: Run, tmp_path: Path) -> None:
    assert run("ssh-key", "add", "web1", "ann", str(tmp_path / "gone")).status == 1

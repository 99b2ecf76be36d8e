from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from guestwire.agent.commands.linux import users
from guestwire.agent.commands.linux.users import guest_get_users, guest_set_user_password
from guestwire.errors import CommandError
from tests.unit.agent.trees import state

if TYPE_CHECKING:
    from pathlib import Path


def test_each_user_once_with_the_earliest_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        users, "logins", lambda root: [("ann", 3.5), ("bob", 2.0), ("ann", 1.25), ("ann", 9.0)]
    )
    assert guest_get_users(state(tmp_path)) == [
        {"user": "ann", "login-time": 1.25},
        {"user": "bob", "login-time": 2.0},
    ]


@pytest.fixture(autouse=True)
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What would have been run: no test changes a password of this machine."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(users, "run_helper", lambda *call: calls.append(call))
    return calls


def encoded(secret: bytes) -> str:
    return base64.b64encode(secret).decode()


@pytest.mark.parametrize(("crypted", "argv"), [(False, ["chpasswd"]), (True, ["chpasswd", "-e"])])
def test_password(crypted: bool, argv: list[str], runs: list[tuple[Any, ...]]) -> None:
    guest_set_user_password("tester", encoded(b"s\xe4:cret"), crypted)
    assert runs == [(argv, "set user password", b"tester:s\xe4:cret\n")]


@pytest.mark.parametrize(
    ("user", "password", "text"),
    [
        ("tester", "***", "Base64 data contains invalid characters"),
        ("tester", encoded(b"a\nb"), "forbidden characters in raw password"),
        ("tester", encoded(b"a\0b"), "forbidden characters in raw password"),
        ("a:b", encoded(b"x"), "forbidden characters in username"),
        ("a\nroot", encoded(b"x"), "forbidden characters in username"),
        ("a\0b", encoded(b"x"), "forbidden characters in username"),
    ],
)
def test_refused(user: str, password: str, text: str, runs: list[tuple[Any, ...]]) -> None:
    with pytest.raises(CommandError) as caught:
        guest_set_user_password(user, password, False)
    assert caught.value.desc == text
    assert not runs

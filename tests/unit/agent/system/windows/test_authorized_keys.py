from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any

import pytest

from guestwire.agent.system.windows import authorized_keys, users
from guestwire.agent.system.windows.authorized_keys import SECURITY_ATTRIBUTES, AuthorizedKeys, keys_of

SID = "S-1-5-21-1-2-3-1001"


@pytest.fixture
def profile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(users, "sid_of", lambda name: SID)
    monkeypatch.setattr(users, "is_administrator", lambda name: name == "boss")
    monkeypatch.setattr(users, "profile_of", lambda sid: str(tmp_path))
    monkeypatch.setenv("PROGRAMDATA", str(tmp_path / "data"))
    return tmp_path


def test_where_the_keys_are(profile: Path) -> None:
    bob, boss = keys_of("bob"), keys_of("boss")
    assert bob.path == str(profile / ".ssh" / "authorized_keys")
    assert boss.path == str(profile / "data" / "ssh" / "administrators_authorized_keys")


def test_who_may_touch_them(profile: Path) -> None:
    assert keys_of("bob")._access == f"D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;{SID})"
    assert keys_of("boss")._access == "D:P(A;;FA;;;SY)(A;;FA;;;BA)"


def test_reading(tmp_path: Path) -> None:
    file = AuthorizedKeys(str(tmp_path), "authorized_keys", "")
    with pytest.raises(FileNotFoundError):
        file.read()
    Path(file.path).write_bytes(b"one\r\ntwo\n")
    assert file.read() == b"one\ntwo\n"


def test_a_link_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Status:
        st_file_attributes = 0x410

    monkeypatch.setattr(authorized_keys.os, "lstat", lambda path: Status())
    with pytest.raises(OSError, match="is a link"):
        AuthorizedKeys(str(tmp_path), "authorized_keys", "").read()


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[Any] = []
    monkeypatch.setattr(authorized_keys, "open_handle", lambda *words, **_: held.append(words) or 5)
    monkeypatch.setattr(authorized_keys, "close_handle", held.append)
    file = AuthorizedKeys(str(tmp_path), "authorized_keys", "")
    monkeypatch.setattr(file, "_fill", lambda path, content: Path(path).write_bytes(content))
    file.write(b"one")
    assert file.read() == b"one"
    assert held == [(str(tmp_path), 1, 1), 5]

    def full(path: str, content: bytes) -> None:
        Path(path).write_bytes(b"")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(file, "_fill", full)
    with pytest.raises(OSError, match="No space"):
        file.write(b"two")
    assert os.listdir(tmp_path) == ["authorized_keys"]
    assert file.read() == b"one"


def test_the_layout() -> None:
    assert ctypes.sizeof(SECURITY_ATTRIBUTES) == 24

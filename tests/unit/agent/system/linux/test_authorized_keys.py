from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from guestwire.agent.system.linux.authorized_keys import AuthorizedKeys


def of(home: Path, uid: int | None = None) -> AuthorizedKeys:
    uid = os.getuid() if uid is None else uid
    return AuthorizedKeys(pwd.struct_passwd(("tester", "x", uid, os.getgid(), "", str(home), "/bin/sh")))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    of(tmp_path).make_folder()
    return tmp_path / ".ssh"


def test_folder_is_left_alone_when_there(folder: Path, tmp_path: Path) -> None:
    folder.chmod(0o755)
    of(tmp_path).make_folder()
    assert folder.stat().st_mode & 0o777 == 0o755


def test_no_fifo_and_no_folder(folder: Path, tmp_path: Path) -> None:
    os.mkfifo(folder / "authorized_keys")
    with pytest.raises(OSError, match="is not a regular file of the user's own") as caught:
        of(tmp_path).read()
    assert caught.value.filename == str(folder / "authorized_keys")


def test_errors_tell_the_whole_path(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        of(tmp_path).read()
    assert caught.value.filename == str(folder / "authorized_keys")


def test_failed_write_leaves_nothing(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "authorized_keys").write_text("old")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="No space left"):
        of(tmp_path).write(b"new")
    assert os.listdir(folder) == ["authorized_keys"]
    assert (folder / "authorized_keys").read_text() == "old"


class TestTrust:
    """The owners of a folder and a file, told by a changed fstat."""

    @pytest.fixture
    def own(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
        real = os.fstat
        owners = {"folder": 1000, "file": 1000, "links": 1}

        def fstat(fd: int) -> os.stat_result:
            at = list(real(fd))
            is_folder = at[0] & 0o040000
            at[4] = owners["folder" if is_folder else "file"]
            at[3] = owners["links"]
            return os.stat_result(at)

        monkeypatch.setattr(os, "fstat", fstat)
        return owners

    @pytest.mark.parametrize(
        ("owners", "good"),
        [
            ({"folder": 1000, "file": 1000, "links": 1}, True),
            ({"folder": 1000, "file": 1000, "links": 2}, True),
            ({"folder": 0, "file": 0, "links": 1}, True),
            # a second name that the user gave to a file of root's
            ({"folder": 1000, "file": 0, "links": 2}, False),
            ({"folder": 1000, "file": 1001, "links": 1}, False),
            ({"folder": 1001, "file": 1000, "links": 1}, False),
        ],
    )
    def test_owners(self, owners: dict[str, int], good: bool, folder: Path, own: dict[str, int]) -> None:
        (folder / "authorized_keys").write_text("key")
        own.update(owners)
        keys = of(folder.parent, 1000)
        if good:
            assert keys.read() == b"key"
        else:
            with pytest.raises(PermissionError, match="own"):
                keys.read()

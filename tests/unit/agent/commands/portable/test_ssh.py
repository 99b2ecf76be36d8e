from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from guestwire.agent.commands.portable.ssh import (
    guest_ssh_add_authorized_keys as add,
)
from guestwire.agent.commands.portable.ssh import (
    guest_ssh_get_authorized_keys as get,
)
from guestwire.agent.commands.portable.ssh import (
    guest_ssh_remove_authorized_keys as remove,
)
from guestwire.errors import CommandError

ONE, TWO = "ssh-ed25519 AAAAone one@test", "ssh-ed25519 AAAAtwo two@test"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The keys of `tester`, whose home is the temporary directory."""

    def getpwnam(name: str) -> pwd.struct_passwd:
        if name != "tester":
            raise KeyError(name)
        return pwd.struct_passwd((name, "x", os.getuid(), os.getgid(), "", str(tmp_path), "/bin/sh"))

    monkeypatch.setattr(pwd, "getpwnam", getpwnam)
    return tmp_path / ".ssh/authorized_keys"


def have(file: Path, content: str) -> None:
    file.parent.mkdir(mode=0o700)
    file.write_text(content)


def test_life_of_a_file(file: Path) -> None:
    add("tester", [ONE])
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert file.stat().st_mode & 0o777 == 0o600
    add("tester", [ONE, TWO, TWO])
    assert file.read_text() == f"{ONE}\n{TWO}"
    assert get("tester") == {"keys": [TWO, ONE]}
    remove("tester", [ONE])
    assert get("tester") == {"keys": [TWO]}
    remove("tester", [ONE])
    add("tester", [ONE], reset=True)
    assert get("tester") == {"keys": [ONE]}
    add("tester", [])
    assert get("tester") == {"keys": [ONE]}
    add("tester", [], reset=True)
    assert get("tester") == {"keys": []}
    assert os.listdir(file.parent) == ["authorized_keys"]


def test_final_line_end_leaves_an_empty_line(file: Path) -> None:
    have(file, f"{ONE}\n")
    add("tester", [TWO])
    assert file.read_text() == f"{ONE}\n\n{TWO}"
    assert get("tester") == {"keys": [TWO, ONE]}


def test_remove_keeps_the_other_lines(file: Path) -> None:
    have(file, f"# mine\n{ONE}\n\n{TWO}\n")
    remove("tester", [ONE])
    assert file.read_text() == f"# mine\n\n{TWO}\n"


def test_get_strips_and_passes_over_comments(file: Path) -> None:
    have(file, f"# mine\n  {ONE}\t\r\n   # also\n\n")
    assert get("tester") == {"keys": [ONE]}


def test_bytes_that_are_no_text(file: Path) -> None:
    have(file, "")
    file.write_bytes(b"ssh-rsa A caf\xe9\n")
    assert get("tester") == {"keys": ["ssh-rsa A caf\udce9"]}
    remove("tester", ["ssh-rsa A caf\udce9"])
    assert file.read_bytes() == b""


def test_no_file(file: Path) -> None:
    text = f"failed to read '{file}': Failed to open file “{file}”: No such file or directory"
    with pytest.raises(CommandError) as caught:
        get("tester")
    assert caught.value.desc == text
    remove("tester", [ONE])
    assert not file.parent.exists()


@pytest.mark.parametrize(
    "call", [lambda: get("nobody"), lambda: add("nobody", []), lambda: remove("nobody", [])]
)
@pytest.mark.usefixtures("file")
def test_no_such_user(call: object) -> None:
    with pytest.raises(CommandError, match=r"^failed to lookup user 'nobody': Success$"):
        call()  # type: ignore[operator]


@pytest.mark.parametrize("key", ["# comment", f"{ONE}\n{TWO}"])
@pytest.mark.parametrize("change", [add, remove])
def test_invalid_key(key: str, change: object, file: Path) -> None:
    with pytest.raises(CommandError) as caught:
        change("nobody", [key])  # type: ignore[operator]
    assert caught.value.desc == f"invalid OpenSSH public key: '{key}'"


def test_symbolic_link_is_not_followed(file: Path, tmp_path: Path) -> None:
    have(file, "")
    file.unlink()
    secret = tmp_path / "secret"
    secret.write_text("secret")
    file.symlink_to(secret)
    with pytest.raises(CommandError, match="Too many levels of symbolic links"):
        get("tester")
    with pytest.raises(CommandError, match="Too many levels of symbolic links"):
        add("tester", [ONE])
    add("tester", [ONE], reset=True)  # takes the place of the link
    assert secret.read_text() == "secret"
    assert not file.is_symlink()


def test_linked_folder_is_not_followed(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    file.parent.symlink_to(other)
    with pytest.raises(CommandError, match=r"^failed to write to '.*/authorized_keys': "):
        add("tester", [ONE], reset=True)
    assert not os.listdir(other)


def test_no_home(file: Path, tmp_path: Path) -> None:
    tmp_path.rmdir()
    with pytest.raises(
        CommandError, match=r"^failed to create directory '.*/.ssh': No such file or directory$"
    ):
        add("tester", [ONE])

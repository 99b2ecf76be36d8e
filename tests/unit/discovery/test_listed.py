"""The `[guests]` table: what is right counts, what is wrong is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from guestwire.discovery import listed
from guestwire.discovery.located import Fault, Located
from guestwire.discovery.place import Place


def look(*paths: Path) -> tuple[list[Located], list[Fault]]:
    return listed.find(Place(lists=paths))


def test_guests_of_several_lists(tmp_path: Path) -> None:
    first, second = tmp_path / "a.toml", tmp_path / "b.toml"
    first.write_text('interval = 5\n[guests]\nweb1 = "unix:/run/web1.sock"\ndb1 = "vsock:7:1024"\n')
    second.write_text('[guests]\nwin = "libvirt:qemu+ssh://h/system/win"\n')
    guests, faults = look(first, tmp_path / "none.toml", second)
    assert faults == []
    assert [(guest.name, guest.address) for guest in guests] == [
        ("web1", "unix:/run/web1.sock"), ("db1", "vsock:7:1024"), ("win", "libvirt:qemu+ssh://h/system/win"),
    ]  # fmt: skip


def test_a_list_that_was_named_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GUESTWIRE_CONFIG", raising=False)
    assert listed.find(Place(lists=(tmp_path / "none",))) == ([], [])
    monkeypatch.setenv("GUESTWIRE_CONFIG", str(tmp_path / "none"))
    [fault] = listed.find(Place())[1]
    assert "there is no such file; GUESTWIRE_CONFIG names it" in str(fault)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a = 7", "guest 'a': its address must be a string"),
        ('"a b" = "unix:/x"', "guest 'a b': a name is printable"),
        ('"a\\u001b" = "unix:/x"', "guest 'a\\x1b': a name is printable"),
        ('a = "web2"', "guest 'a': its address 'web2' is a name again"),
        ('a = "tcp:x"', "address 'tcp:x': "),
    ],
)
def test_a_wrong_entry_costs_that_entry_alone(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(f'[guests]\n{line}\nweb1 = "unix:/run/web1.sock"\n')
    guests, (fault,) = look(path)
    assert [guest.name for guest in guests] == ["web1"]
    assert fault.text.startswith(words)
    assert fault.where == str(path)


@pytest.mark.parametrize("data", [b"[guests", b"\xff", b"guests = 5"])
def test_a_wrong_file_is_a_fault(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(data)
    guests, faults = look(path, tmp_path)
    assert guests == []
    assert [fault.where for fault in faults] == [str(path), str(tmp_path)]
    assert faults[1].text == "Is a directory"

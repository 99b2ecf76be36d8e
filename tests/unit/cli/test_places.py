"""`GUEST:PATH`."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from guestwire.cli import places
from guestwire.cli.places import Place, parse
from guestwire.errors import ConfigError


@pytest.mark.parametrize(
    ("word", "guest", "path"),
    [
        ("file", None, "file"),
        ("/tmp/a:b", None, "/tmp/a:b"),
        ("./a:b", None, "./a:b"),
        ("-", None, "-"),
        ("web1:/etc/hosts", "web1", "/etc/hosts"),
        ("web1:a b:c", "web1", "a b:c"),
        ("web*:/tmp/", "web*", "/tmp/"),
        ("win:C:\\Users\\x", "win", "C:\\Users\\x"),
        ("unix:/run/x.sock:/etc/hosts", "unix:/run/x.sock", "/etc/hosts"),
        ("vsock:5:1234:/a:b", "vsock:5:1234", "/a:b"),
        ("tcp:localhost:99:/x", "tcp:localhost:99", "/x"),
        ("tcp:[::1]:99:/x", "tcp:[::1]:99", "/x"),
        ("libvirt:qemu:///system/web1:/x", "libvirt:qemu:///system/web1", "/x"),
        (
            "libvirt:qemu+ssh://me@host:22/system/web1:/x:y",
            "libvirt:qemu+ssh://me@host:22/system/web1",
            "/x:y",
        ),
    ],
)
def test_a_word(word: str, guest: str | None, path: str) -> None:
    place = parse(word)
    assert place == Place(guest, path)
    assert str(place) == word
    assert place.is_stream == (word == "-")


@pytest.mark.parametrize(
    "word", ["web1:", ":/x", "unix:/run/x.sock", "vsock:5:/x", "tcp:host:/x", "libvirt:x"]
)
def test_half_a_place(word: str) -> None:
    with pytest.raises(ConfigError, match="write GUEST:PATH"):
        parse(word)


def test_no_zero_byte() -> None:
    with pytest.raises(ConfigError, match="zero byte"):
        parse("web1:/a\0b")


def test_a_socket_with_a_colon_in_its_path(tmp_path: Path) -> None:
    path = tmp_path / "a:b"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        assert parse(f"unix:{path}:/c:d") == Place(f"unix:{path}", "/c:d")


def test_a_pattern_gets_a_hint() -> None:
    assert places.hint("/etc/hosts") == ""
    assert "name the files" in places.hint("/etc/host?")

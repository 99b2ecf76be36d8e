"""Where discovery looks when nobody says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest  # noqa: TC002

from guestwire.discovery import place
from guestwire.discovery.place import Place, names_in, read


def test_the_folders_of_the_system_and_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GUESTWIRE_RUN_DIR", raising=False)
    monkeypatch.delenv("GUESTWIRE_CONFIG", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/home/u/.config")
    assert Place().run_dirs == (Path("/run/guestwire"), Path("/run/user/1/guestwire"))
    assert Place().lists == (
        Path("/etc/guestwire/guestwire.toml"),
        Path("/home/u/.config/guestwire/guestwire.toml"),
    )
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert Place().run_dirs == (Path("/run/guestwire"),)


def test_the_environment_replaces_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUESTWIRE_RUN_DIR", "/r")
    monkeypatch.setenv("GUESTWIRE_CONFIG", "/c.toml")
    assert (Place().run_dirs, Place().lists) == ((Path("/r"),), (Path("/c.toml"),))
    assert Place().channel == "org.qemu.guest_agent.0"
    monkeypatch.setenv("GUESTWIRE_CHANNEL", "com.example.agent.0")
    assert Place().channel == "com.example.agent.0"


def test_a_root_stands_in_front() -> None:
    assert Place(root=Path("/x")).path("/proc") == Path("/x/proc")
    assert Place().path(Path("/proc")) == Path("/proc")


def test_reading_is_bounded_and_never_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, fifo = tmp_path / "file", tmp_path / "fifo"
    file.write_bytes(b"x" * 200_000)
    os.mkfifo(fifo)
    assert len(read(file)) == 200_000
    assert read(fifo) == b""
    monkeypatch.setattr(place, "MAX_FILE", 65536)
    assert len(read(file)) == 65536


def test_names_in_a_folder(tmp_path: Path) -> None:
    for name in ("b.sock", "a.sock", "c.txt"):
        (tmp_path / name).touch()
    assert names_in(tmp_path, [".sock"]) == ["a.sock", "b.sock"]
    assert names_in(tmp_path / "none", [".sock"]) == []
    assert names_in(tmp_path / "c.txt", [".sock"]) == []

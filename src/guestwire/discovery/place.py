"""Where to look, and for which channel. The defaults are this host's; tests and options set others."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

CHANNEL = "org.qemu.guest_agent.0"
"""The port that every agent opens by default."""

MAX_FILE = 4 << 20  # bytes that are read of any file


def _user_folder(variable: str, otherwise: str) -> Path:
    return Path(os.environ.get(variable) or Path.home() / otherwise)


def run_dirs() -> tuple[Path, ...]:
    """Where brokers keep their sockets: GUESTWIRE_RUN_DIR, else the system's folder and the user's."""
    chosen = os.environ.get("GUESTWIRE_RUN_DIR")
    if chosen:
        return (Path(chosen),)
    own = os.environ.get("XDG_RUNTIME_DIR")
    return (Path("/run/guestwire"), *([Path(own) / "guestwire"] if own else []))


def lists() -> tuple[Path, ...]:
    """The files with a `[guests]` table: GUESTWIRE_CONFIG, else the system's and the user's."""
    chosen = os.environ.get("GUESTWIRE_CONFIG")
    if chosen:
        return (Path(chosen),)
    user = _user_folder("XDG_CONFIG_HOME", ".config")
    return (Path("/etc/guestwire/guestwire.toml"), user / "guestwire/guestwire.toml")


def chosen_channel() -> str:
    """The port to look for: GUESTWIRE_CHANNEL, else the default one."""
    return os.environ.get("GUESTWIRE_CHANNEL") or CHANNEL


@dataclass(frozen=True, slots=True)
class Place:
    """`channel` is the port's name (`isa-serial` for the first serial port that is a socket).

    `run_dirs` are brokers' folders, `lists` TOML files, of which none need be there unless `list_wanted`, `libvirt` the
    URIs of further libvirt connections beside this host's own, `root` stands in front of /proc, /run, /etc and /var.
    `vsock_port` is the port on which agents listen on vsock; without it vsock guests have no address. `patience`, in
    seconds, bounds what asking one libvirtd takes.
    """

    channel: str = field(default_factory=chosen_channel)
    run_dirs: tuple[Path, ...] = field(default_factory=run_dirs)
    lists: tuple[Path, ...] = field(default_factory=lists)
    list_wanted: bool = field(default_factory=lambda: bool(os.environ.get("GUESTWIRE_CONFIG")))
    libvirt: tuple[str, ...] = ()
    root: Path = Path("/")
    vsock_port: int | None = None
    patience: float = 3.0

    def path(self, name: str | Path) -> Path:
        """An absolute path of the host, below `root`."""
        return self.root / str(name).lstrip("/")


def read(path: Path) -> bytes:
    """A file's bytes, at most `MAX_FILE` of them. Raises OSError; never waits for a FIFO or a device."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    data = bytearray()
    try:
        while len(data) < MAX_FILE and (piece := os.read(descriptor, 65536)):
            data += piece
    finally:
        os.close(descriptor)
    return bytes(data)


def names_in(folder: Path, endings: Iterable[str]) -> list[str]:
    """The sorted names in a folder that end so; none when there is no such folder. Raises other OSErrors."""
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(name for name in names if name.endswith(tuple(endings)))

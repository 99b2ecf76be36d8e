"""Small readers of sysfs. A captured tree stands in for the real one by `root`, a path in front of /sys."""

from __future__ import annotations

import os


def resolve(root: str, path: str) -> str:
    """The device directory that a link of sysfs leads to, without `root`. FileNotFoundError when it leads nowhere."""
    base = os.path.realpath(root) if root else ""
    found = os.path.realpath(base + path)
    if not os.path.exists(found):
        raise FileNotFoundError(path)
    return found[len(base) :]


def read_bytes(path: str) -> bytes | None:
    """The bytes of an attribute without its newline, None when there is no such attribute."""
    try:
        with open(path, "rb") as file:
            return file.read().rstrip(b"\n")
    except OSError:
        return None


def read(path: str) -> str | None:
    """The text of an attribute without its newline, None when there is no such attribute."""
    data = read_bytes(path)
    return None if data is None else data.decode("utf-8", "replace")


def uevent(path: str) -> dict[str, str]:
    """The KEY=VALUE lines of a device's `uevent` file."""
    text = read(path + "/uevent") or ""
    return dict(line.split("=", 1) for line in text.split("\n") if "=" in line)


def names(path: str) -> list[str]:
    """What a directory holds, in the kernel's order; nothing when there is no such directory."""
    try:
        with os.scandir(path) as entries:
            return [entry.name for entry in entries]
    except OSError:
        return []

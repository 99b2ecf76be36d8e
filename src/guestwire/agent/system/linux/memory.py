"""/sys/devices/system/memory: blocks of memory that can be taken online and offline."""

from __future__ import annotations

import os

FOLDER = "/sys/devices/system/memory"


def block_size(root: str) -> int:
    """Bytes in a block. OSError when the kernel has no memory hotplug."""
    with open(f"{root}{FOLDER}/block_size_bytes", "rb", buffering=0) as file:
        return int(file.read(64), 16)


def list_blocks(root: str) -> list[tuple[int, bool, bool]]:
    """(index, is online, can go offline) of every block by index; none when the kernel has no hotplug."""
    try:
        names = os.listdir(root + FOLDER)
    except FileNotFoundError:
        return []
    blocks = []
    for index in sorted(int(name[6:]) for name in names if name[:6] == "memory" and name[6:].isdigit()):
        folder = f"{root}{FOLDER}/memory{index}"
        state = _read(folder + "/state")
        if state is not None:
            removable = _read(folder + "/removable") or b"0"
            blocks.append((index, state[:6] == b"online", removable[:1] != b"0"))
        elif os.path.isdir(folder):  # an old kernel without the switch, not a block unplugged just now
            blocks.append((index, True, False))
    return blocks


def set_online(root: str, index: int, online: bool) -> bool:
    """Bring a block to the wanted state. False when it has no switch (a kernel without hotplug).

    OSError: with `filename` when there is no such block, without when the kernel refuses.
    """
    folder = os.open(f"{root}{FOLDER}/memory{index}/", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            state = os.open("state", os.O_RDWR | os.O_CLOEXEC, dir_fd=folder)
        except FileNotFoundError:
            return False
        try:
            if (os.pread(state, 10, 0)[:6] == b"online") != online:
                os.pwrite(state, b"online" if online else b"offline", 0)
        finally:
            os.close(state)
    finally:
        os.close(folder)
    return True


def _read(path: str) -> bytes | None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return os.read(fd, 16)
    finally:
        os.close(fd)

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
        try:
            blocks.append((index, *_look(root, index)))
        except FileNotFoundError:  # unplugged just now
            continue
    return blocks


def set_online(root: str, index: int, online: bool) -> bool:
    """Bring a block to the wanted state. False when it has no switch (a kernel without hotplug).

    OSError: with `filename` when there is no such block, without when the kernel refuses.
    """
    folder = _open_folder(root, index)
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


def _open_folder(root: str, index: int) -> int:
    return os.open(f"{root}{FOLDER}/memory{index}/", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def _look(root: str, index: int) -> tuple[bool, bool]:
    """(is online, can go offline). Old kernels have no `state`: such a block is online for good."""
    folder = _open_folder(root, index)
    try:
        state = _read(folder, "state")
        if state is None:
            return True, False
        return state[:6] == b"online", (_read(folder, "removable") or b"0")[:1] != b"0"
    finally:
        os.close(folder)


def _read(folder: int, name: str) -> bytes | None:
    try:
        fd = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return None
    try:
        return os.read(fd, 16)
    finally:
        os.close(fd)

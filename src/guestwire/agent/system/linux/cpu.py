"""/sys/devices/system/cpu: which CPUs there are, and their switches."""

from __future__ import annotations

import os

from guestwire.agent.system.linux.kernfile import read_attribute

FOLDER = "/sys/devices/system/cpu"

# root -> (what `_known` was made from, number of each CPU and whether it has a switch)
_known: dict[str, tuple[tuple[bytes, int], list[tuple[int, bool]]]] = {}


def list_cpus(root: str) -> list[tuple[int, bool, bool]]:
    """(number, is online, can go offline) of every CPU, in the order of numbers.

    One reading of the mask `online` answers for all of them. The folders are listed again only when
    the mask `present` or the number of folders has changed.
    """
    online = set(parse_mask(read_attribute(f"{root}{FOLDER}/online")))
    return [(cpu, not switch or cpu in online, switch) for cpu, switch in _switches(root)]


def set_online(root: str, cpu: int, online: bool) -> bool:
    """Bring a CPU to the wanted state. False when it has no switch, and so is always online.

    OSError: with `filename` when there is no such CPU, without when the kernel refuses.
    """
    folder = os.open(f"{root}{FOLDER}/cpu{cpu}/", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            switch = os.open("online", os.O_RDWR | os.O_CLOEXEC, dir_fd=folder)
        except FileNotFoundError:
            return False
        try:
            if (os.pread(switch, 1, 0) != b"0") != online:
                os.pwrite(switch, b"1" if online else b"0", 0)
        finally:
            os.close(switch)
    finally:
        os.close(folder)
    return True


def parse_mask(text: bytes) -> list[int]:
    """Numbers of a kernel list such as `0-3,5`; none for an empty one."""
    numbers: list[int] = []
    for part in text.split(b","):
        first, dash, last = part.partition(b"-")
        if dash:
            numbers.extend(range(int(first), int(last) + 1))
        elif part.strip():
            numbers.append(int(part))
    return numbers


def _switches(root: str) -> list[tuple[int, bool]]:
    """(number, has a switch) of every CPU. The switch of a CPU is there or not from when it is added."""
    folder = root + FOLDER
    sign = (read_attribute(f"{folder}/present"), os.stat(folder).st_nlink)
    known = _known.get(root)
    if known is not None and known[0] == sign:
        return known[1]
    numbers = sorted(int(name[3:]) for name in os.listdir(folder) if name[:3] == "cpu" and name[3:].isdigit())
    found = [(cpu, os.path.exists(f"{folder}/cpu{cpu}/online")) for cpu in numbers]
    _known[root] = (sign, found)
    return found

"""Which filesystem stands on which: a loop-mounted image on the filesystem that holds the image file.

Freezing the lower one first would make the freeze of the upper one wait for ever: it writes its last blocks into
a file that may not be written.
"""

from __future__ import annotations

import os

from guestwire.agent.system.linux import sysfs
from guestwire.agent.system.linux.mounts import unescape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from guestwire.agent.system.linux.mounts import Device, Filesystem, Mount

# An overlay may lie on an overlay; no deeper than the kernel's own limit, counting generously.
_DEPTH = 8


def freezing_order(root: str, mounts: Sequence[Mount], filesystems: Sequence[Filesystem]) -> list[Filesystem]:
    """Reverse mount order, but each filesystem before those that it stands on. To thaw, take the reverse."""
    backwards = list(reversed(filesystems))
    floors = {one.device: set(_floors(root, mounts, one.device)) for one in backwards}
    order: list[Filesystem] = []
    seen = set()

    def visit(one: Filesystem) -> None:
        if one.device in seen:
            return
        seen.add(one.device)
        for other in backwards:
            if one.device in floors[other.device]:
                visit(other)
        order.append(one)

    for one in backwards:
        visit(one)
    return order


def _floors(root: str, mounts: Sequence[Mount], device: Device) -> Iterator[Device]:
    """The devices of the filesystems whose files `device` is made of."""
    try:
        syspath = sysfs.resolve(root, f"/sys/dev/block/{device[0]}:{device[1]}")
    except FileNotFoundError:
        return
    for file in _backing_files(root, syspath, set()):
        found = _device_of_file(mounts, file)
        if found is not None:
            yield found


def _backing_files(root: str, syspath: str, seen: set[str]) -> Iterator[bytes]:
    """The files under a block device: of the loop device that it is, and of those that dm or md put together."""
    if syspath in seen:
        return
    seen.add(syspath)
    if os.path.exists(f"{root}{syspath}/partition"):
        syspath = os.path.dirname(syspath)
    file = sysfs.read_bytes(f"{root}{syspath}/loop/backing_file")
    if file is not None:
        yield file.removesuffix(b" (deleted)")
    for name in sysfs.names(f"{root}{syspath}/slaves"):
        try:
            slave = sysfs.resolve(root, f"{syspath}/slaves/{name}")
        except FileNotFoundError:
            continue
        yield from _backing_files(root, slave, seen)


def _device_of_file(mounts: Sequence[Mount], file: bytes, depth: int = _DEPTH) -> Device | None:
    """The device of the filesystem that holds a file, told by its path alone: asking the kernel could hang.

    A file on an overlay is on the filesystem of the upper directory.
    """
    holder = None
    for mount in mounts:  # of two at one place the later one covers the earlier
        front = mount.path if mount.path.endswith(b"/") else mount.path + b"/"
        if file.startswith(front) and (holder is None or len(mount.path) >= len(holder.path)):
            holder = mount
    if holder is None:
        return None
    if holder.kind != b"overlay":
        return holder.device
    for option in holder.options.split(b","):
        if option.startswith(b"upperdir=") and depth:
            return _device_of_file(mounts, unescape(option[len(b"upperdir=") :]) + b"/", depth - 1)
    return None

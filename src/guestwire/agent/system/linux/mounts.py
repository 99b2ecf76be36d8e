"""What is mounted, from /proc/self/mountinfo (proc_pid_mountinfo(5)).

The kernel says by POLLPRI on an open mountinfo that something was mounted or unmounted, so the file is read again
only then. All paths are bytes: a mount point may have any name.
"""

from __future__ import annotations

import os
from select import POLLPRI, poll
from stat import S_ISBLK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Device = tuple[int, int]

# How to open a mount point: not only directories are bind-mounted, and a FIFO must not block.
OPEN_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY

# Filesystems that keep their counters in memory and take no lock to tell them; others may wait for the disk (XFS of
# Linux 5.14 does) or for a server.
_PROMPT = (b"ext2", b"ext3", b"ext4")
# What else the way to such a filesystem may lead through without asking anybody.
_PASSABLE = (*_PROMPT, b"tmpfs", b"devtmpfs", b"ramfs", b"rootfs")

_CHUNK = 65536
# Reads of mountinfo that a busy system may spoil by mounting meanwhile, before the last one is taken as it is.
_TRIES = 3


class Mount:
    """One line of mountinfo.

    `device` is (major, minor); of a btrfs, whose own number is anonymous, that of its source device.
    `options` are the filesystem's own ("upperdir=…"), not those of the mount.
    """

    __slots__ = ("device", "kind", "options", "path", "source")

    def __init__(self, device: Device, kind: bytes, path: bytes, source: bytes, options: bytes) -> None:
        self.device = device
        self.kind = kind
        self.path = path
        self.source = source
        self.options = options


class Filesystem:
    """A filesystem on a block device, with all its mount points (bind mounts too) in mount order.

    `prompt`: statvfs() of its first path is answered from memory, whatever has become of the disk.
    """

    __slots__ = ("device", "kind", "paths", "prompt", "source")

    def __init__(self, mount: Mount) -> None:
        self.device = mount.device
        self.kind = mount.kind
        self.source = mount.source
        self.paths = [mount.path]
        self.prompt = False

    @property
    def path(self) -> bytes:
        """Where it was mounted first: the one that it is known by."""
        return self.paths[0]


class MountTable:
    """The mounts of this process's namespace. `root` is a path in front of /proc; a captured tree is never cached."""

    def __init__(self, root: str = "") -> None:
        self._root = root
        self._fd = os.open(root + "/proc/self/mountinfo", os.O_RDONLY | os.O_CLOEXEC)
        self._poll = poll()
        self._poll.register(self._fd, POLLPRI)
        self._filesystems: Sequence[Filesystem] | None = None

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._fd)

    def mounts(self) -> list[Mount]:
        """All mounts, read now."""
        for _ in range(_TRIES):
            data = self._read()
            if not self._poll.poll(0):
                break
        return parse(data, block_device_of)

    def filesystems(self) -> Sequence[Filesystem]:
        """The filesystems on block devices in mount order, each once."""
        filesystems = self._filesystems
        if filesystems is None or self._poll.poll(0):
            filesystems = on_block_devices(self.mounts())
            self._filesystems = None if self._root else filesystems
        return filesystems

    def forget(self) -> None:
        """Read again at the next call: a mount point has moved with its parent, of which the kernel tells nothing."""
        self._filesystems = None

    def _read(self) -> bytes:
        chunks: list[bytes] = []
        offset = 0
        while True:
            chunk = os.pread(self._fd, _CHUNK, offset)
            if not chunk:
                return b"".join(chunks)
            chunks.append(chunk)
            offset += len(chunk)


def parse(data: bytes, device_of: Callable[[bytes], Device | None]) -> list[Mount]:
    """The lines of a mountinfo. `device_of(source)` tells the number of a block device, None when it is none."""
    mounts = []
    for line in data.split(b"\n"):
        if not line:
            continue
        place, _, filesystem = line.partition(b" - ")
        fields = place.split(b" ")
        kind, source, options = filesystem.split(b" ")[:3]
        major, _, minor = fields[2].partition(b":")
        device = (int(major), int(minor))
        source = unescape(source)
        if not device[0] and kind == b"btrfs":
            device = device_of(source) or device
        mounts.append(Mount(device, kind, unescape(fields[4]), source, options))
    return mounts


def on_block_devices(mounts: Sequence[Mount]) -> list[Filesystem]:
    """The filesystems that live on a block device; what is mounted twice is one filesystem with two paths."""
    found: dict[Device, Filesystem] = {}
    for mount in mounts:
        if not mount.device[0]:
            continue
        known = found.get(mount.device)
        if known is None:
            found[mount.device] = Filesystem(mount)
        else:
            known.paths.append(mount.path)
    for filesystem in found.values():
        filesystem.prompt = filesystem.kind in _PROMPT and _way_is_passable(mounts, filesystem.path)
    return list(found.values())


def _way_is_passable(mounts: Sequence[Mount], path: bytes) -> bool:
    """Mount points stay in memory, so walking to one costs nothing unless FUSE or a server has a say on the way."""
    path += b"/"
    return all(mount.kind in _PASSABLE for mount in mounts if path.startswith(mount.path.rstrip(b"/") + b"/"))


def unescape(field: bytes) -> bytes:
    r"""Space, tab, newline, backslash and '#' are written as octal escapes (`\040`) in mountinfo."""
    if b"\\" not in field:
        return field
    first, *rest = field.split(b"\\")
    return first + b"".join(bytes([int(part[:3], 8)]) + part[3:] for part in rest)


def block_device_of(source: bytes) -> Device | None:
    """(major, minor) of a block device's node."""
    try:
        status = os.stat(source)
    except (OSError, ValueError):
        return None
    if not S_ISBLK(status.st_mode):
        return None
    return os.major(status.st_rdev), os.minor(status.st_rdev)

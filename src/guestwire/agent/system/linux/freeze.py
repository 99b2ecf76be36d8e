"""Freezing filesystems: FIFREEZE and FITHAW (ioctl_fsfreeze; linux/fs.h), and the hook program."""

from __future__ import annotations

import os
from errno import EBUSY, EINVAL, EOPNOTSUPP
from fcntl import ioctl
from stat import S_ISDIR, S_ISREG

from guestwire.agent.system.linux.guarded import Guard
from guestwire.agent.system.linux.helper import run_helper_output
from guestwire.agent.system.linux.mounts import OPEN_FLAGS, MountTable, on_block_devices
from guestwire.agent.system.linux.stacking import freezing_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from typing import Any

    from guestwire.agent.system.linux.mounts import Device, Filesystem

# How long one filesystem may take to thaw, seconds, before the others go on without it.
THAW_LIMIT = 10.0
# No dead filesystem may keep a live one frozen, so the bound is one that only a broken machine reaches.
_MAX_STUCK = 256

_FIFREEZE = 0xC0045877
_FITHAW = 0xC0045878


class Kernel:
    """The two calls that change the machine; a test puts a fake in its place. OSError as in ioctl(2)."""

    def freeze(self, fd: int) -> None:
        """Returns when all that was being written is on the disk and no more can be."""
        ioctl(fd, _FIFREEZE, 0)

    def thaw(self, fd: int) -> None:
        """EINVAL when the filesystem is not frozen."""
        ioctl(fd, _FITHAW, 0)


class Freezing:
    """What the freezer needs of this system. `root` is a path in front of /proc, /sys and the mount points."""

    outlasts_agent = True

    def __init__(self, root: str = "", kernel: Kernel | None = None) -> None:
        self._root = root
        self._front = os.fsencode(root)
        self._kernel = kernel or Kernel()
        self._table = MountTable(root)
        self._guard = Guard(THAW_LIMIT, _MAX_STUCK)

    def order(self, wanted: Collection[bytes] | None = None) -> list[Filesystem]:
        """The filesystems in the order to freeze them in; with `wanted` only those with such a mount point."""
        mounts = self._table.mounts()
        order = freezing_order(self._root, mounts, on_block_devices(mounts))
        if wanted is None:
            return order
        return [one for one in order if not set(one.paths).isdisjoint(wanted)]

    def open(self, filesystem: Filesystem) -> int | None:
        """A descriptor on the filesystem, None when other mounts hide all of its mount points."""
        fault: OSError | None = None
        for path in filesystem.paths:
            try:
                fd = os.open(self._front + path, OPEN_FLAGS)
            except OSError as error:
                fault = fault or error
                continue
            if self._holds(fd, filesystem):
                return fd
            os.close(fd)
        if fault is not None:
            raise fault
        return None

    def close(self, fd: int) -> None:
        """Give a descriptor of `open` back."""
        os.close(fd)

    def freeze(self, fd: int) -> bool:
        """False when the filesystem can't be frozen, or somebody else has frozen it."""
        try:
            self._kernel.freeze(fd)
        except OSError as error:
            if error.errno in (EOPNOTSUPP, EBUSY):
                return False
            raise
        return True

    def thaw(self, fd: int) -> bool:
        """Thaw as often as it was frozen. False when it was not frozen."""
        thawed = False
        while True:
            try:
                self._kernel.thaw(fd)
            except OSError as error:
                if error.errno == EINVAL or thawed:
                    return thawed
                raise
            thawed = True

    def thaw_mounted(self, filesystem: Filesystem) -> bool:
        """As `thaw`, of a filesystem that is not open."""
        fd = self.open(filesystem)
        if fd is None:
            return False
        try:
            return self.thaw(fd)
        finally:
            os.close(fd)

    def thaw_each(self, thaw: Callable[[Any], bool], devices: Sequence[Device]) -> list[Any]:
        """`thaw(device)` of each; one that takes longer than `THAW_LIMIT` is passed by, with a TimeoutError."""
        return self._guard.ask(thaw, devices)

    def when_broken(self, tell: Callable[[], None]) -> None:
        """Nobody ends a freeze on Linux but who thaws it."""

    def broken(self) -> str | None:
        """As `when_broken`: None."""
        return None

    def run_hook(self, hook: str, verb: str, timeout: float) -> bytes:
        """Run `HOOK freeze` or `HOOK thaw`; its output. CommandError when it fails or takes longer than `timeout` s."""
        return run_helper_output([hook, verb], "execute fsfreeze hook", timeout=timeout)

    def _holds(self, fd: int, filesystem: Filesystem) -> bool:
        """A later mount may lie over this one, and a FIFO or a device may be what is bind-mounted.

        A btrfs does not tell its device's number.
        """
        status = os.fstat(fd)
        if not S_ISDIR(status.st_mode) and not S_ISREG(status.st_mode):
            return False
        if self._root or filesystem.kind == b"btrfs":
            return True
        return (os.major(status.st_dev), os.minor(status.st_dev)) == filesystem.device

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from guestwire.agent.system.linux import freeze
from guestwire.agent.system.linux.freeze import Freezing, Kernel
from guestwire.agent.system.linux.mounts import Filesystem, Mount
from guestwire.errors import CommandError
from tests.fixtures.trees import plant


class FakeKernel(Kernel):
    """Counts freezes; never touches the machine."""

    def __init__(self) -> None:
        self.frozen = 0
        self.fault = 0

    def freeze(self, fd: int) -> None:
        if self.fault:
            raise OSError(self.fault, os.strerror(self.fault))
        self.frozen += 1

    def thaw(self, fd: int) -> None:
        if self.fault:
            raise OSError(self.fault, os.strerror(self.fault))
        if not self.frozen:
            raise OSError(errno.EINVAL, "Invalid argument")
        self.frozen -= 1


@pytest.fixture
def kernel() -> FakeKernel:
    return FakeKernel()


def test_the_order_and_the_wanted_ones(tmp_path: Path, kernel: FakeKernel) -> None:
    system = Freezing(plant("stacked", tmp_path), kernel)
    assert [one.path for one in system.order()][-1] == b"/"
    chosen = system.order({b"/var/www", b"/data", b"/nowhere", b"/srv/inner2"})
    assert [one.path for one in chosen] == [b"/srv/inner2", b"/data", b"/"]
    assert system.order([]) == []


def test_freezing(kernel: FakeKernel) -> None:
    system = Freezing(kernel=kernel)
    assert system.freeze(5)
    for kernel.fault in (errno.EBUSY, errno.EOPNOTSUPP):
        assert not system.freeze(5)
    kernel.fault = errno.EIO
    with pytest.raises(OSError, match="Input/output"):
        system.freeze(5)


def test_thawing_as_often_as_it_was_frozen(kernel: FakeKernel) -> None:
    system = Freezing(kernel=kernel)
    kernel.frozen = 3
    assert system.thaw(5)
    assert kernel.frozen == 0
    assert not system.thaw(5)
    kernel.fault = errno.EIO
    with pytest.raises(OSError, match="Input/output"):
        system.thaw(5)


def test_opening(tmp_path: Path, kernel: FakeKernel) -> None:
    (tmp_path / "there").mkdir()
    system = Freezing(plant("debian", tmp_path), kernel)
    filesystem = Filesystem(Mount((8, 1), b"ext4", b"/gone", b"", b""))
    with pytest.raises(FileNotFoundError):
        system.open(filesystem)
    with pytest.raises(FileNotFoundError):
        system.thaw_mounted(filesystem)
    filesystem.paths.append(b"/there")
    fd = system.open(filesystem)
    assert fd is not None
    assert os.readlink(f"/proc/self/fd/{fd}") == str(tmp_path / "there")
    system.close(fd)
    kernel.frozen = 1
    assert system.thaw_mounted(filesystem)


def test_a_mount_that_others_hide_is_not_taken_for_them(tmp_path: Path, kernel: FakeKernel) -> None:
    system = Freezing(kernel=kernel)
    number = tmp_path.stat().st_dev
    path = os.fsencode(tmp_path)
    mine = Filesystem(Mount((os.major(number), os.minor(number)), b"ext4", path, b"", b""))
    fd = system.open(mine)
    assert fd is not None
    os.close(fd)
    hidden = Filesystem(Mount((250, 77), b"ext4", path, b"", b""))
    assert system.open(hidden) is None
    assert not system.thaw_mounted(hidden)
    btrfs = Filesystem(Mount((250, 77), b"btrfs", path, b"", b""))
    fd = system.open(btrfs)
    assert fd is not None
    os.close(fd)


def test_a_fifo_that_is_bind_mounted_is_passed_over(tmp_path: Path, kernel: FakeKernel) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "file").touch()
    system = Freezing(plant("debian", tmp_path), kernel)
    filesystem = Filesystem(Mount((8, 1), b"ext4", b"/fifo", b"", b""))
    assert system.open(filesystem) is None
    filesystem.paths.append(b"/file")
    fd = system.open(filesystem)
    assert fd is not None
    system.close(fd)


def test_each_thaw_is_guarded(kernel: FakeKernel) -> None:
    assert Freezing(kernel=kernel).thaw_each(lambda device: device == (8, 1), [(8, 1), (8, 2)]) == [
        True,
        False,
    ]


def test_the_calls_to_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[int, int, int]] = []
    monkeypatch.setattr(freeze, "ioctl", lambda fd, request, argument: calls.append((fd, request, argument)))
    Kernel().freeze(3)
    Kernel().thaw(4)
    assert calls == [(3, 0xC0045877, 0), (4, 0xC0045878, 0)]


def test_the_hook(tmp_path: Path, kernel: FakeKernel) -> None:
    hook = tmp_path / "hook"
    hook.write_text('#!/bin/sh\necho "called with $*"\n[ "$1" != thaw ]\n')
    hook.chmod(0o755)
    system = Freezing(kernel=kernel)
    assert system.run_hook(str(hook), "freeze", 10) == b"called with freeze\n"
    with pytest.raises(
        CommandError, match=r"^child process has failed to execute fsfreeze hook: called with thaw"
    ):
        system.run_hook(str(hook), "thaw", 10)
    with pytest.raises(CommandError, match="hook: failed to exec '/nowhere': No such file or directory"):
        system.run_hook("/nowhere", "thaw", 10)
    hook.write_text("#!/bin/sh\nexec sleep 60\n")
    with pytest.raises(CommandError, match=r"killed after 0\.05 seconds"):
        system.run_hook(str(hook), "thaw", 0.05)

"""The guest of `make demo`: an agent on this machine as a stand-in, or a real one in QEMU with `make demo VM=1`."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

BLOCKED = (
    "guest-shutdown,guest-suspend-disk,guest-suspend-ram,guest-suspend-hybrid,guest-fsfreeze-freeze,"
    "guest-fsfreeze-freeze-list,guest-fstrim,guest-set-time,guest-set-vcpus,guest-set-memory-blocks,"
    "guest-set-user-password,guest-ssh-add-authorized-keys,guest-ssh-remove-authorized-keys"
)
"""What the stand-in must not do: it would do it to this machine."""


@dataclass(frozen=True)
class Subject:
    """A guest to show: its name, the host's end of its channel, a folder inside, whether it is a real machine."""

    name: str
    socket: Path
    inside: str
    real: bool

    @property
    def address(self) -> str:
        """What is written on a command line."""
        return f"unix:{self.socket}"


@contextmanager
def stand_in(folder: Path) -> Iterator[Subject]:
    """The agent as a process of this machine, with every command blocked that would change it."""
    socket = folder / "guest.sock"
    options = ["-m", "unix-listen", "-p", str(socket), "-t", str(folder), "-b", BLOCKED]
    print(f"$ guestwire-agent {' '.join(options)}")
    agent = subprocess.Popen([sys.executable, "-m", "guestwire.agent", *options])
    try:
        yield Subject("stand-in", socket, str(folder), real=False)
    finally:
        agent.terminate()
        agent.wait()
    print("\nThat was one agent on a socket; `make demo VM=1` shows the same in a real QEMU guest.")


@contextmanager
def machine(folder: Path) -> Iterator[Subject]:
    """A QEMU guest (emulated, no KVM) with the agent on its virtio-serial port."""
    sys.path.insert(0, str(ROOT))
    from tests.e2e.conftest import image
    from tests.e2e.harness.guest import DEFAULT_PORT, Guest
    from tests.e2e.harness.image import CannotBuild

    print("$ qemu-system-x86_64 … -device virtserialport,name=org.qemu.guest_agent.0")
    begin = time.perf_counter()
    try:
        disk = image(folder / "disk.img", 256 << 20, "mkfs.ext4", "-q", "-F")
        guest = Guest([disk])
    except (CannotBuild, OSError, RuntimeError) as error:
        sys.exit(f"no QEMU guest can be made here: {error}")
    with guest:
        guest.until("mkdir -p /mnt/data; mount -t ext4 /dev/sda /mnt/data")
        guest.start_agent()
        print(f"  = booted, its agent answers, after {time.perf_counter() - begin:.0f} s")
        yield Subject("light", guest.socket_of(DEFAULT_PORT), "/mnt/data", real=True)

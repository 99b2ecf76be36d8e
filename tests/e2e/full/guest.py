"""The full guest: Debian 12 with systemd and udev on an ext4 disk, running the stock agent as it comes."""

from __future__ import annotations

import atexit
import base64
import contextlib
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from guestwire.client import GuestAgent

from ..harness.cpio import Archive
from ..harness.guest import DEFAULT_PORT, QEMU
from ..harness.image import CannotBuild, boot_files
from ..harness.qmp import Qmp
from ..harness.shell import PORT, Shell

INIT = Path(__file__).with_name("init.sh")
HAND = Path(__file__).parents[1] / "harness/hand.py"
CACHE = Path(os.environ.get("GUESTWIRE_CACHE", Path.home() / ".cache" / "guestwire")) / "full-guest"
INCLUDE = "systemd-sysv,udev,dbus,python3,qemu-guest-agent"
SIZE = 1 << 30
BUILD = [
    "mmdebstrap", "--quiet", "--variant=minbase", f"--include={INCLUDE}", "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*", "bookworm",
]  # fmt: skip


def disk() -> Path:
    """The disk image, from the cache or made now (as root; no loop device). CannotBuild says what is missing."""
    image = CACHE / f"{hashlib.sha256(repr(BUILD).encode()).hexdigest()[:16]}.img"
    if image.exists():
        return image
    if os.geteuid() != 0 or not shutil.which("mmdebstrap"):
        raise CannotBuild("the full guest is built by mmdebstrap, as root")
    CACHE.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(dir=CACHE) as name:
        root, unfinished = Path(name) / "root", Path(name) / "image"
        subprocess.run([*BUILD, str(root)], check=True, stdin=subprocess.DEVNULL)
        (root / "etc/hostname").write_text("full\n")
        with unfinished.open("wb") as file:
            file.truncate(SIZE)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-d", root, unfinished], check=True)
        unfinished.rename(image)
    print(f"full guest built in {time.monotonic() - begin:.0f} s: {image}", file=sys.stderr)
    return image


def bring(agent: GuestAgent, path: str, data: bytes) -> None:
    """Write a file through an agent, whichever it is: one request at a time."""
    handle = agent.guest_file_open(path, mode="w")
    for start in range(0, len(data), 30000):
        agent.guest_file_write(handle, base64.b64encode(data[start : start + 30000]).decode())
    agent.guest_file_close(handle)


class FullGuest:
    """A machine with a disk of its own, which keeps what is written to it from one boot to the next."""

    def __init__(self) -> None:
        image = disk()
        self.folder = Path(tempfile.mkdtemp(prefix="guestwire-full-"))
        atexit.register(self.stop)
        self.process: subprocess.Popen[bytes] | None = None
        self._hand = self.folder / "hand.sock"
        self._shell = Shell(self._hand)
        self.sh, self.until = self._shell.sh, self._shell.until
        self._boots = 0
        self._disk = self.folder / "disk.img"
        subprocess.run(["cp", "--sparse=always", image, self._disk], check=True)
        self._kernel, base = boot_files()
        archive = Archive()
        archive.file("init", INIT.read_bytes(), 0o755)  # unpacked over the light guest's
        self._initramfs = self.folder / "initramfs.gz"
        self._initramfs.write_bytes(base.read_bytes() + gzip.compress(archive.bytes(), 1))

    def boot(self) -> None:
        """Switch it on. Whether it is up shows when its agent answers."""
        self._boots += 1
        qmp = self.folder / f"qmp{self._boots}.sock"
        command = [
            QEMU, "-machine", "q35,accel=tcg", "-cpu", "max", "-smp", "2", "-m", "768M", "-nodefaults",
            "-display", "none", "-no-reboot", "-kernel", str(self._kernel), "-initrd", str(self._initramfs),
            "-append", "console=ttyS0 quiet panic=1 random.trust_cpu=on", "-serial", f"file:{self.folder}/console.log",
            "-qmp", f"unix:{qmp},server=on,wait=off", "-device", "virtio-scsi-pci,id=scsi",
            "-drive", f"if=none,id=d,file={self._disk},format=raw,cache=unsafe",
            "-device", "scsi-hd,bus=scsi.0,drive=d",
            "-device", "virtio-serial-pci,id=ports", "-chardev", f"socket,id=c,path={self.port},server=on,wait=off",
            "-device", f"virtserialport,bus=ports.0,nr=1,chardev=c,name={DEFAULT_PORT}",
            "-chardev", f"socket,id=h,path={self._hand},server=on,wait=off",
            "-device", f"virtserialport,bus=ports.0,nr=2,chardev=h,name={PORT}",
        ]  # fmt: skip
        with (self.folder / "qemu.log").open("ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + 60
        while not qmp.exists():
            assert self.process.poll() is None, (self.folder / "qemu.log").read_text()
            assert time.monotonic() < end, "QEMU opens no monitor"
            time.sleep(0.02)
        self.qmp = Qmp(qmp)

    @property
    def port(self) -> Path:
        """The host's end of the agent's port."""
        return self.folder / "agent.sock"

    def agent(self) -> GuestAgent:
        """A client on the agent's port, whoever answers there."""
        return GuestAgent(f"unix:{self.port}", timeout=120, name="full")

    def lend_a_hand(self, agent: GuestAgent) -> None:
        """Start the test's hand in the guest, through the agent that is there; `sh` works from now on."""
        bring(agent, "/root/hand.py", HAND.read_bytes())
        agent.run(["systemd-run", "--collect", "python3", "/root/hand.py"], check=True)
        self.sh("true", timeout=240)

    def wait_end(self, timeout: float = 240.0) -> None:
        """Wait until the machine has switched itself off."""
        assert self.process is not None
        self.process.wait(timeout)
        self.qmp.close()
        self._shell.close()

    def console(self, lines: int = 40) -> str:
        """The end of what was said on the console."""
        with contextlib.suppress(OSError):
            text = (self.folder / "console.log").read_text(errors="replace")
            return "\n".join(text.splitlines()[-lines:])
        return ""

    def stop(self) -> None:
        """End it and remove every trace. May be called again."""
        atexit.unregister(self.stop)
        self._shell.close()
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.qmp.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

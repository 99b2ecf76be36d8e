"""A QEMU guest as an object: boot, channels, console, disks, stop. Nothing of it outlives the test process."""

from __future__ import annotations

import atexit
import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from guestwire.client import GuestAgent
from guestwire.errors import GuestwireError

from .image import agent_archive, boot_files
from .qmp import Qmp
from .shell import PORT, Shell

QEMU = "qemu-system-x86_64"
DEFAULT_PORT = "org.qemu.guest_agent.0"
OWN_PORT = "com.example.agent.0"
BOOT_PATIENCE = 240.0  # seconds; under emulation on a busy machine
AGENT = "python3 -IBS /opt/guestwire-agent.pyz"


class Guest:
    """`agent(name)` is a client on that port; `sh(command)` is the test's own hand inside, without the agent.

    `disks` are image files, /dev/sda onwards in the guest; `append` are words for the kernel's command line;
    `boot` is kernel and initramfs, the light guest's without it.
    """

    def __init__(
        self,
        disks: Sequence[Path] = (),
        options: Sequence[str] = (),
        append: Sequence[str] = (),
        boot: tuple[Path, Path] | None = None,
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="guestwire-e2e-"))
        atexit.register(self.stop)
        kernel, base = boot or boot_files()
        initramfs = self.folder / "initramfs.gz"
        initramfs.write_bytes(base.read_bytes() + agent_archive())
        words = " ".join(("console=ttyS0 quiet panic=1 random.trust_cpu=on", *append))
        machine = [*self._machine(kernel, initramfs), "-append", words, *self._snapshots()]
        command = [QEMU, *machine, *self._channels(), *self._disks(disks), *options]
        log = (self.folder / "qemu.log").open("wb")
        self.release = ""  # of the distribution, where a test cares
        self.pids: dict[str, int] = {}  # of the agents by their ports, where a test has several
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", *command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        log.close()
        self._shell = Shell(self.socket_of(PORT))
        self.sh, self.until = self._shell.sh, self._shell.until
        try:
            self._wait_for_sockets()
            self.qmp = Qmp(self.folder / "qmp.sock")
            self.sh("true", timeout=BOOT_PATIENCE)
        except BaseException as error:
            console = self.console()
            self.stop()
            raise RuntimeError(f"the guest did not boot: {error!r}\n{console}") from error

    def _machine(self, kernel: Path, initramfs: Path) -> list[str]:
        return [
            "-machine", "q35,accel=tcg", "-cpu", "max", "-smp", "2,maxcpus=4", "-m", "512M,slots=2,maxmem=1G",
            "-nodefaults", "-display", "none", "-no-reboot", "-kernel", str(kernel), "-initrd", str(initramfs),
            "-serial", f"file:{self.folder}/console.log",
            "-global", "ICH9-LPC.disable_s3=0", "-global", "ICH9-LPC.disable_s4=0",
            "-qmp", f"unix:{self.folder}/qmp.sock,server=on,wait=off",
        ]  # fmt: skip

    def _channels(self) -> list[str]:
        options = ["-device", "virtio-serial-pci,id=ports"]
        for number, name in enumerate((DEFAULT_PORT, OWN_PORT, PORT), 1):
            socket_path = self.socket_of(name)
            options += ["-chardev", f"socket,id=c{number},path={socket_path},server=on,wait=off"]
            device = f"virtserialport,bus=ports.0,nr={number},id=p{number},chardev=c{number},name={name}"
            options += ["-device", device]
        options += ["-chardev", f"socket,id=isa,path={self.socket_of('isa')},server=on,wait=off"]
        return [*options, "-device", "isa-serial,chardev=isa"]

    def _disks(self, disks: Sequence[Path]) -> list[str]:
        options = ["-device", "virtio-scsi-pci,id=scsi"] if disks else []
        for number, disk in enumerate(disks):
            drive = (
                f"if=none,id=d{number},file={disk},format=raw,discard=unmap,detect-zeroes=unmap,cache=unsafe"
            )
            options += ["-drive", drive, "-device", f"scsi-hd,bus=scsi.0,scsi-id={number},drive=d{number}"]
        return options

    def _snapshots(self) -> list[str]:
        place = self.folder / "snapshots.qcow2"
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", place, "1M"], check=True)
        return ["-blockdev", f"driver=qcow2,node-name=snapshots,file.driver=file,file.filename={place}"]

    def save(self, tag: str) -> None:
        """Keep the state of memory and devices (not of the disks) under a name; `load` goes back to it."""
        self._job("snapshot-save", tag)

    def load(self, tag: str) -> None:
        """Go back to a state that `save` has kept. The guest does not know that time has passed."""
        self._job("snapshot-load", tag)

    def _job(self, command: str, tag: str) -> None:
        job = f"{command}-{tag}"
        self.qmp.execute(command, job_id=job, tag=tag, vmstate="snapshots", devices=["snapshots"])
        end = time.monotonic() + BOOT_PATIENCE
        while (found := next(j for j in self.qmp.execute("query-jobs") if j["id"] == job))[
            "status"
        ] != "concluded":
            assert time.monotonic() < end, f"{job} does not end: {found}"
            time.sleep(0.1)
        assert "error" not in found, f"{job}: {found['error']}"
        self.qmp.execute("job-dismiss", id=job)

    def socket_of(self, name: str) -> Path:
        """The host's end of a port (`isa` is the serial one)."""
        return self.folder / f"{name}.sock"

    def agent(self, name: str = DEFAULT_PORT, timeout: float = 60.0) -> GuestAgent:
        """A client of our own on a port. Nothing is opened before its first call."""
        return GuestAgent(f"unix:{self.socket_of(name)}", timeout=timeout, name="light")

    def start_agent(self, *options: str, wait_on: str | None = DEFAULT_PORT) -> int:
        """Start this checkout's agent inside; its pid. With `wait_on` it must answer on that port."""
        self.sh(f"setsid {AGENT} {' '.join(options)} >>/tmp/agent.log 2>&1 & echo $! >/tmp/agent.pid")
        if wait_on:
            with self.agent(wait_on) as agent:
                agent.wait_ready(timeout=BOOT_PATIENCE)
        return int(self.sh("cat /tmp/agent.pid"))

    def second_agent(self, options: str, log: str) -> int:
        """Start another of this checkout's agents, with a channel and a state folder of its own; its pid."""
        return int(self.sh(f"setsid {AGENT} {options} >>{log} 2>&1 & echo $!"))

    def stop_agent(self, sign: str = "TERM") -> None:
        """Signal the agent and wait until it is gone."""
        self.sh(f"kill -{sign} $(cat /tmp/agent.pid)", check=False)
        self.until("! kill -0 $(cat /tmp/agent.pid) 2>/dev/null")

    def console(self, lines: int = 40) -> str:
        """The end of what the guest's console and the agent said."""
        said = []
        with contextlib.suppress(OSError, AssertionError, GuestwireError):
            if self._shell.used:
                said.append("agent: " + self.sh("tail -n 20 /tmp/agent.log", timeout=5, check=False))
        for name in ("console.log", "qemu.log"):
            with contextlib.suppress(OSError):
                text = (self.folder / name).read_text(errors="replace")
                said.append(f"{name}: " + "\n".join(text.splitlines()[-lines:]))
        return "\n".join(said)

    def wait_end(self, timeout: float = 120.0) -> None:
        """Wait until QEMU has ended by itself."""
        self.process.wait(timeout)

    def stop(self) -> None:
        """End QEMU and remove every trace of the guest. May be called again."""
        atexit.unregister(self.stop)
        self._shell.close()
        if hasattr(self, "qmp"):
            self.qmp.close()
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _wait_for_sockets(self) -> None:
        end = time.monotonic() + 60
        while not (self.folder / "qmp.sock").exists():
            if self.process.poll() is not None:
                raise RuntimeError(f"QEMU ended with status {self.process.returncode}")
            if time.monotonic() > end:
                raise TimeoutError("QEMU opens no monitor")
            time.sleep(0.02)

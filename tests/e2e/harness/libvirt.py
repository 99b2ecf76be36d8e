"""A libvirtd of the test's own, as an ordinary user (`qemu:///session`), and the light guest as its domain.

Whatever happens to the test, nothing stays: the domain is destroyed when the virsh that started it ends, which it does
with its standard input, and libvirtd ends when it has been idle for a while.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from .guest import AGENT, BOOT_PATIENCE, DEFAULT_PORT
from .image import agent_archive, boot_files
from .shell import PORT, Shell

NOBODY = 65534
URI = "qemu:///session"
DOMAIN = "light"
UUID = "2f0e6d1c-5b7a-4a39-8f0e-9d1c5b7a4a39"
C_AGENT = f"/usr/sbin/qemu-ga -m virtio-serial -p /dev/virtio-ports/{DEFAULT_PORT} -t /tmp -f /tmp/c.pid"
IDLE = 20  # seconds after which a libvirtd that nobody uses ends by itself

_XML = """<domain type='qemu'>
  <name>{name}</name><uuid>{uuid}</uuid><memory unit='MiB'>512</memory><vcpu current='2'>4</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type><kernel>{folder}/vmlinuz</kernel>
    <initrd>{folder}/initramfs.gz</initrd>
    <cmdline>console=ttyS0 quiet panic=1 random.trust_cpu=on net.ifnames=0</cmdline></os>
  <features><acpi/></features><cpu mode='maximum'/><clock offset='utc'/>
  <on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot>
  <pm><suspend-to-mem enabled='yes'/><suspend-to-disk enabled='yes'/></pm>
  <devices>
    <controller type='scsi' model='virtio-scsi'/>
    {disks}
    <interface type='user'><mac address='52:54:00:12:34:56'/><model type='virtio'/></interface>
    <serial type='file'><source path='{folder}/console.log'/></serial>
    <channel type='unix'><target type='virtio' name='{agent}'/></channel>
    <channel type='unix'><source mode='bind' path='{folder}/hand.sock'/><target type='virtio' name='{hand}'/></channel>
    <memballoon model='none'/>
  </devices>
</domain>"""
_DISK = """<disk type='file' device='disk'><driver name='qemu' type='raw' discard='unmap' detect_zeroes='unmap'/>
  <source file='{file}'/><target dev='sd{letter}' bus='scsi'/></disk>"""


class Said(NamedTuple):
    """What a command printed, and its status."""

    status: int
    out: str
    err: str


class Libvirt:
    """A private libvirtd with the domain `light`, started.

    `disks` are image files, sda onwards; `extra` is a further archive for the guest's initramfs.
    """

    def __init__(self, disks: Sequence[Path] = (), extra: bytes = b"") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="guestwire-libvirt-"))
        atexit.register(self.stop)
        self.environment = self._environment()
        self._user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
        if os.geteuid() != 0:
            self._user = []
        self._shell = Shell(self.folder / "hand.sock")
        self.sh, self.until = self._shell.sh, self._shell.until
        self._prepare(disks, extra)
        self._keeper: subprocess.Popen[bytes] | None = None
        self._daemon = self._start_daemon()
        try:
            self._wait((self.folder / "run/libvirt/libvirt-sock").exists, "libvirtd opens no socket")
            self.ok("define", str(self.folder / "domain.xml"))
            self.start()
        except BaseException as error:
            console = self.console()
            self.stop()
            raise RuntimeError(f"the domain did not start: {error!r}\n{console}") from error

    def _environment(self) -> dict[str, str]:
        names = {
            "HOME": "home",
            "XDG_RUNTIME_DIR": "run",
            "XDG_CONFIG_HOME": "config",
            "XDG_CACHE_HOME": "cache",
        }
        own = {variable: str(self.folder / name) for variable, name in names.items()}
        path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin:/sbin:/bin"
        return {**own, "XDG_DATA_HOME": f"{self.folder}/data", "PATH": path, "LC_ALL": "C", "TMPDIR": "/tmp"}

    def _prepare(self, disks: Sequence[Path], extra: bytes) -> None:
        """The folder with all that the domain needs, the user's own."""
        for name in ("home", "run", "config/libvirt", "cache", "data"):
            (self.folder / name).mkdir(parents=True, mode=0o700)
        # without this it starts a virtlogd that outlives it
        (self.folder / "config/libvirt/qemu.conf").write_text('stdio_handler = "file"\n')
        kernel, base = boot_files()
        shutil.copy(kernel, self.folder / "vmlinuz")
        (self.folder / "initramfs.gz").write_bytes(base.read_bytes() + agent_archive() + extra)
        made = []
        for letter, disk in zip("abcdef", disks, strict=False):
            file = self.folder / disk.name
            subprocess.run(["cp", "--sparse=always", disk, file], check=True)
            made.append(_DISK.format(file=file, letter=letter))
        facts: Mapping[str, object] = {
            "name": DOMAIN,
            "uuid": UUID,
            "folder": self.folder,
            "agent": DEFAULT_PORT,
        }
        (self.folder / "domain.xml").write_text(_XML.format(**facts, disks="\n".join(made), hand=PORT))
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, NOBODY, NOBODY)

    def _start_daemon(self) -> subprocess.Popen[bytes]:
        """In a group of its own: it must outlive a test that is killed, to destroy the domain."""
        script = f'trap "" TERM; libvirtd --timeout {IDLE}; rm -rf "$0"'
        with (self.folder / "libvirtd.log").open("wb") as log:
            return subprocess.Popen(
                [*self._user, "sh", "-c", script, str(self.folder)], start_new_session=True,
                env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def start(self) -> None:
        """Start the domain, and wait until its test hand answers."""
        self.forget()
        if self._keeper is not None:
            self._keeper.communicate()
        self._keeper = subprocess.Popen(
            [*self._user, "virsh", "-c", URI],
            env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self._keeper.stdin is not None
        self._keeper.stdin.write(f"start {DOMAIN} --autodestroy\n".encode())
        self._keeper.stdin.flush()
        self._wait(lambda: self.virsh("domstate", DOMAIN).out == "running", "the domain does not start")
        self.sh("true", timeout=BOOT_PATIENCE)

    def virsh(self, *words: str, timeout: float = 120.0) -> Said:
        """One virsh command."""
        done = subprocess.run(
            [*self._user, "virsh", "-c", URI, *words],
            env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False,
        )  # fmt: skip
        return Said(done.returncode, done.stdout.decode().strip(), done.stderr.decode().strip())

    def ok(self, *words: str) -> str:
        """One virsh command that must succeed; what it prints."""
        said = self.virsh(*words)
        assert said.status == 0, f"virsh {' '.join(words)}: {said.err}"
        return said.out

    def start_agent(self, ours: bool) -> None:
        """Run one of the agents inside, and wait until libvirt says that it answers."""
        command = AGENT if ours else C_AGENT
        self.sh(f"setsid {command} >>/tmp/agent.log 2>&1 & echo $! >/tmp/agent.pid")
        self.wait_agent()

    def wait_agent(self) -> None:
        """Wait until the agent answers libvirt."""
        self._wait(
            lambda: self.virsh("qemu-agent-command", DOMAIN, '{"execute":"guest-ping"}').status == 0,
            "libvirt does not reach the agent",
        )

    def forget(self) -> None:
        """Open the test's hand anew: the guest that had it open is another one now."""
        self._shell.close()

    def stop_agent(self) -> None:
        """End the agent that runs inside."""
        self.sh("kill $(cat /tmp/agent.pid)")
        self.until("! kill -0 $(cat /tmp/agent.pid) 2>/dev/null")

    def _wait(self, condition: object, trouble: str) -> None:
        assert callable(condition)
        end = time.monotonic() + BOOT_PATIENCE
        while not condition():
            assert time.monotonic() < end, f"{trouble}\n{self.console()}"
            time.sleep(0.1)

    def wait_state(self, state: str) -> None:
        """Wait until virsh domstate says so."""
        self._wait(lambda: self.virsh("domstate", DOMAIN).out == state, f"the domain is never {state!r}")

    def console(self) -> str:
        """The end of what libvirtd, QEMU and the guest said."""
        said = []
        for name in ("libvirtd.log", f"cache/libvirt/qemu/log/{DOMAIN}.log", "console.log"):
            path = self.folder / name
            if path.exists():
                said.append(f"{name}: " + "\n".join(path.read_text(errors="replace").splitlines()[-30:]))
        return "\n".join(said)

    def stop(self) -> None:
        """Destroy the domain, end libvirtd, and leave nothing. May be called again."""
        atexit.unregister(self.stop)
        self._shell.close()
        if self._daemon.poll() is None:
            self.virsh("destroy", DOMAIN)
        if self._keeper is not None:
            self._keeper.communicate()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._daemon.pid, signal.SIGTERM)
        self._daemon.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

"""`make demo`: an agent on this machine as a stand-in guest, and real work on it, with the wire in sight.

The agent runs with every command blocked that would change the machine.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from demo_watch import watch
from guestwire.client import GuestAgent
from guestwire.client.address import parse
from guestwire.client.transports import blocking

BLOCKED = (
    "guest-shutdown,guest-suspend-disk,guest-suspend-ram,guest-suspend-hybrid,guest-fsfreeze-freeze,"
    "guest-fsfreeze-freeze-list,guest-fstrim,guest-set-time,guest-set-vcpus,guest-set-memory-blocks,"
    "guest-set-user-password,guest-ssh-add-authorized-keys,guest-ssh-remove-authorized-keys"
)
WIDTH = 150


class Overheard:
    """A transport that shows what goes over the wire."""

    def __init__(self, path: Path) -> None:
        self._inner = blocking(parse(f"unix:{path}"))
        self.show = True

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def write(self, data: bytes, timeout: float) -> None:
        self._tell("host  →", data)
        self._inner.write(data, timeout)

    def read(self, timeout: float) -> bytes:
        data = self._inner.read(timeout)
        self._tell("guest ←", data)
        return data

    def _tell(self, who: str, data: bytes) -> None:
        if not self.show:
            return
        for line in data.splitlines():
            text = line.decode("utf-8", "backslashreplace")
            more = f" … ({len(text)} characters)" if len(text) > WIDTH else ""
            print(f"    {who} {text[:WIDTH]}{more}")


def section(title: str) -> None:
    print(f"\n{title}")


def tell(text: str) -> None:
    print(f"  = {text}")


def start(folder: Path) -> subprocess.Popen[bytes]:
    """The stand-in guest."""
    options = ["-m", "unix-listen", "-p", str(folder / "guest.sock"), "-t", str(folder), "-b", BLOCKED]
    print(f"$ guestwire-agent {' '.join(options)}")
    return subprocess.Popen([sys.executable, "-m", "guestwire.agent", *options])


def identity(guest: GuestAgent) -> None:
    section(
        "Who is there? The client resyncs first: after that, nothing an earlier client left behind can confuse it."
    )
    info = guest.guest_info()
    enabled = sum(command.enabled for command in info.supported_commands)
    own = guest.guestwire_info()
    tell(
        f"guestwire-agent {own.version}, which speaks like qemu-ga {info.version}: {enabled} commands enabled"
    )
    tell(f"host name {guest.guest_get_host_name().host_name}")
    system = guest.guest_get_osinfo()
    tell(f"{system.pretty_name}, kernel {system.kernel_release} on {system.machine}")


def filesystems(guest: GuestAgent) -> None:
    section("Filesystems, with the extension guest-get-statvfs: one schema entry and one function, no build.")
    for filesystem in guest.guest_get_fsinfo():
        room = guest.guest_get_statvfs(path=filesystem.mountpoint)
        free = room.f_bavail * room.f_frsize / 1e9
        tell(f"{filesystem.mountpoint} ({filesystem.type}): {free:.1f} GB free, {room.f_favail} inodes free")


def network(guest: GuestAgent) -> None:
    section("Network, seen from inside: the host needs no route to the guest.")
    for interface in guest.guest_network_get_interfaces():
        addresses = [f"{address.ip_address}/{address.prefix}" for address in interface.ip_addresses or []]
        tell(f"{interface.name}: {', '.join(addresses) or 'no address'}")


def program(guest: GuestAgent) -> None:
    section("A program, with its input, output and exit status.")
    done = guest.run(["sort", "-r"], input=b"alpha\nbeta\ngamma\n")
    tell(f"exit status {done.returncode}, output {done.stdout!r}")


def file(guest: GuestAgent, folder: Path) -> None:
    section("A file, written and read back.")
    path = str(folder / "note.txt")
    guest.write_file(path, b"written from the host, without any network\n")
    tell(f"read back: {guest.read_file(path)!r}")


def refusal(guest: GuestAgent) -> None:
    section("The guest's policy holds: this agent does not shut the machine down.")
    try:
        guest.guest_shutdown(mode="powerdown")
    except Exception as error:
        tell(f"{type(error).__name__}: {error}")


def command_line(folder: Path) -> None:
    section("The same from a shell: `guestwire` with a guest's name or, as here, the address of its channel.")
    address = f"unix:{folder / 'guest.sock'}"
    for words in (
        ["info", address],
        ["fs", address],
        ["exec", address, "--", "sh", "-c", "echo $0 runs on $(hostname); exit 3", "a shell"],
        ["call", address, "guest-file-open", "path=/etc/hostname", "mode=r"],
        ["doctor", address],
    ):
        shown = " ".join(shlex.quote(word) for word in words).replace(address, "unix:guest.sock")
        print(f"\n$ guestwire {shown}", flush=True)
        done = subprocess.run([sys.executable, "-m", "guestwire.cli", *words], check=False)
        if done.returncode:
            tell(f"exit status {done.returncode}")


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="guestwire-demo-") as name:
        folder = Path(name)
        agent = start(folder)
        try:
            with GuestAgent(Overheard(folder / "guest.sock"), name="stand-in") as guest:  # type: ignore[arg-type]
                begin = time.perf_counter()
                guest.wait_ready(timeout=10)
                tell(f"answering after {(time.perf_counter() - begin) * 1e3:.0f} ms")
                steps: list[Callable[[], None]] = [
                    lambda: identity(guest),
                    lambda: filesystems(guest),
                    lambda: network(guest),
                    lambda: program(guest),
                    lambda: file(guest, folder),
                    lambda: refusal(guest),
                ]
                for step in steps:
                    step()
            command_line(folder)
            watch(folder)
        finally:
            agent.terminate()
            agent.wait()
    print("\nThat was one agent on a socket. In a guest the same agent answers on its virtio-serial port.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`make demo`: a guest, and real work on it: the library with the wire in sight, the shell, the broker, the daemon."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from demo_guest import Subject, machine, stand_in
from demo_shell import command_line, shared
from demo_watch import watch
from guestwire.client import GuestAgent
from guestwire.client.address import parse
from guestwire.client.transports import blocking

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


def file(guest: GuestAgent, place: str) -> None:
    section("A file, written and read back.")
    path = f"{place}/note.txt"
    guest.write_file(path, b"written from the host, without any network\n")
    tell(f"read back: {guest.read_file(path)!r}")


def freeze(guest: GuestAgent) -> None:
    section("Filesystems held still, for a snapshot that is whole: they are thawed whatever happens.")
    with guest.frozen() as count:
        tell(f"{count} frozen; status: {guest.guest_fsfreeze_status()}")
    tell(f"status: {guest.guest_fsfreeze_status()}")


def refusal(guest: GuestAgent) -> None:
    section("The guest's policy holds: this agent does not shut the machine down.")
    try:
        guest.guest_shutdown(mode="powerdown")
    except Exception as error:
        tell(f"{type(error).__name__}: {error}")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--vm", action="store_true", help="a real QEMU guest instead of the stand-in")
    make = machine if options.parse_args().vm else stand_in
    with tempfile.TemporaryDirectory(prefix="guestwire-demo-") as name:
        folder = Path(name)
        with make(folder) as subject:
            talk(subject)
            command_line(subject)
            shared(subject, folder)
            watch(subject, folder)
    return 0


def talk(subject: Subject) -> None:
    """Work through the client library, with the wire in sight."""
    with GuestAgent(Overheard(subject.socket), name=subject.name) as guest:  # type: ignore[arg-type]
        begin = time.perf_counter()
        guest.wait_ready(timeout=60)
        tell(f"answering after {(time.perf_counter() - begin) * 1e3:.0f} ms")
        identity(guest)
        filesystems(guest)
        network(guest)
        program(guest)
        file(guest, subject.inside)
        if subject.real:
            freeze(guest)
        else:
            refusal(guest)


if __name__ == "__main__":
    sys.exit(main())

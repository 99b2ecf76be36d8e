"""The QEMU processes of this host, by what /proc tells of their command lines.

Any user may run a program that calls itself QEMU. A socket that another user's process names is believed only when
it belongs to that user: else root would connect to whatever a stranger points at.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from guestwire.discovery.cmdline import CommandLine, Options, is_on, parse
from guestwire.discovery.located import Fault, Located, aliases_of, bounded, name_of, text_of, uuid_of
from guestwire.discovery.place import Place, read

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = "qemu"
_PROGRAM = re.compile(rb"(?:[^\0]*/)?\.?(?:qemu-system-[\w.]+|qemu-kvm|kvm|qemu)(?:-wrapped)?\0")
_MOST_PATH = 107  # bytes of a unix socket's path that the kernel takes
_OF_LIBVIRT = "charmonitor"  # its own monitor's id; nobody else has business there


def find(place: Place) -> tuple[list[Located], list[Fault]]:
    """All QEMU processes that may be seen."""
    proc = place.path("proc")
    guests = []
    try:
        numbers = sorted(int(name) for name in os.listdir(proc) if name.isascii() and name.isdigit())
    except OSError as error:
        return [], [Fault(SOURCE, str(proc), error.strerror or str(error))]
    for pid in numbers:
        try:
            data = read(proc / str(pid) / "cmdline")
            if _PROGRAM.match(data):
                guests.append(_guest(place, pid, data))
        except OSError:
            continue  # it has ended, or is hidden
    return bounded(SOURCE, str(proc), guests)


def _guest(place: Place, pid: int, data: bytes) -> Located:
    argv = [word.decode("utf-8", "surrogateescape") for word in data.rstrip(b"\0").split(b"\0")[1:]]
    line = parse(argv)
    folder = place.path(f"proc/{pid}")
    uid = os.stat(folder).st_uid
    address, reason = _address(place, line, folder, uid)
    return Located(
        name=name_of(line.name) or f"qemu-{pid}",
        source=SOURCE,
        address=address,
        reason=text_of(reason),
        uuid=uuid_of(line.uuid),
        state="running",
        pid=pid,
        uid=uid,
        aliases=aliases_of(line.name, line.id),
        qmp=_monitor(place, line, folder, uid),
    )


def _monitor(place: Place, line: CommandLine, folder: Path, uid: int) -> str:
    """The first QMP monitor that QEMU holds open for others on a unix socket; empty if there is none."""
    for name in line.controls:
        chardev = line.chardevs.get(name, {})
        if "path" in chardev and name != _OF_LIBVIRT:
            address, _ = _behind(place, chardev, folder, uid)
            if address:
                return address
    return ""


def _address(place: Place, line: CommandLine, folder: Path, uid: int) -> tuple[str | None, str]:
    """Where the channel is; else why there is none."""
    chardev = line.chardev_of(place.channel)
    if chardev is not None:
        return _behind(place, chardev, folder, uid)
    if line.vsock is None:
        return None, f"QEMU was started without a port {place.channel}"
    if place.vsock_port is None:
        return None, f"it has vsock (cid {line.vsock}), and the agent's port there is not known"
    return f"vsock:{line.vsock}:{place.vsock_port}", ""


def _behind(place: Place, chardev: Options, folder: Path, uid: int) -> tuple[str | None, str]:
    backend = chardev.get("backend", "")
    if backend != "socket":
        return None, f"its agent port is a {backend or 'nameless'} chardev, not a socket"
    if "fd" in chardev:
        return None, "whoever started QEMU holds its agent channel"
    if not is_on(chardev, "server"):
        return None, "QEMU connects its agent channel to another program"
    if "path" in chardev:
        return _unix(place, chardev, folder, uid)
    if "port" in chardev:
        return _tcp(chardev)
    return None, "its agent channel has neither path nor port"


def _tcp(chardev: Options) -> tuple[str | None, str]:
    host, port = chardev.get("host", ""), chardev["port"]
    if not (port.isascii() and port.isdigit() and int(port[:6]) <= 65535 and host.isprintable()):
        return None, "its agent channel has a wrong host or port"
    if host in ("", "0.0.0.0", "::", "*"):
        host = "127.0.0.1"
    return f"tcp:[{host}]:{port}" if ":" in host else f"tcp:{host}:{port}", ""


def _unix(place: Place, chardev: Options, folder: Path, uid: int) -> tuple[str | None, str]:
    path = chardev["path"]
    if is_on(chardev, "abstract"):
        return None, "its agent channel is an abstract socket"
    if not path.startswith("/"):
        try:
            path = os.path.join(os.readlink(folder / "cwd"), path)
        except OSError:
            return None, f"the folder of its relative socket {path} may not be looked at"
    path = _seen_from_here(path, place, folder)
    if len(os.fsencode(path)) > _MOST_PATH or not path.isprintable():
        return None, f"its socket's path is too long or not printable: {path}"
    try:
        owner = os.stat(path).st_uid
    except PermissionError:
        return None, f"{path}: permission denied"
    except OSError as error:
        return None, f"{path}: {error.strerror}"
    if uid not in (0, os.geteuid(), owner):
        return None, f"{path} belongs to another user than its QEMU"
    return f"unix:{path}", ""


def _seen_from_here(path: str, place: Place, folder: Path) -> str:
    """A QEMU in a container has its own root; its files are reached through /proc."""
    try:
        if os.path.samestat(os.stat(folder / "root"), os.stat(place.root)):
            return path
    except OSError:
        return path
    return f"{folder}/root{path}"

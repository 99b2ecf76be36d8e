"""libvirt's domains: from libvirtd's own files where they may be read (a millisecond), else by asking it with virsh.

The files are /run/libvirt/qemu/NAME.xml (running) and /etc/libvirt/qemu/NAME.xml (defined) for the system's libvirtd,
$XDG_RUNTIME_DIR/libvirt/qemu/run and ~/.config/libvirt/qemu for a user's.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from guestwire.discovery import domain
from guestwire.discovery.domain import SOURCE
from guestwire.discovery.located import Fault, Located, bounded, text_of, uuid_of
from guestwire.discovery.place import Place, names_in, read

_SOCKETS = ("libvirt-sock", "virtqemud-sock")
_BATCH = 400  # domains in one call of virsh: what fits into one argument
_DOMAIN = re.compile(r"<domain .*?</domain>\s*([a-z ]*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Daemon:
    """One libvirtd of this host: its URI and folders of sockets, of running and of defined domains."""

    uri: str
    sockets: Path
    running: Path
    defined: Path

    @property
    def answers(self) -> bool:
        """Whether one is (or, with systemd, would be) listening."""
        return any((self.sockets / name).exists() for name in _SOCKETS)


def find(place: Place) -> tuple[list[Located], list[Fault]]:
    """All domains, running or not, of this host's libvirtds and of `place.libvirt`."""
    guests: list[Located] = []
    faults: list[Fault] = []
    for daemon in _daemons(place):
        try:
            guests += _by_files(daemon, place, faults)
        except PermissionError:
            _by_virsh(daemon.uri, place, guests, faults)
    for uri in place.libvirt:
        _by_virsh(uri, place, guests, faults)
    kept, more = bounded(SOURCE, "domains", guests)
    return kept, faults + more


def _daemons(place: Place) -> list[_Daemon]:
    system = place.path("run/libvirt")
    daemons = [_Daemon("qemu:///system", system, system / "qemu", place.path("etc/libvirt/qemu"))]
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime:
        own = place.path(runtime) / "libvirt"
        config = place.path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        # for root this URI alone would be the system's libvirtd
        uri = "qemu:///session" if os.geteuid() else f"qemu:///session?socket={own / _SOCKETS[0]}"
        daemons.append(_Daemon(uri, own, own / "qemu/run", config / "libvirt/qemu"))
    return [daemon for daemon in daemons if daemon.running.is_dir() or daemon.answers]


def _by_files(daemon: _Daemon, place: Place, faults: list[Fault]) -> list[Located]:
    """Raises PermissionError when the files are another user's."""
    guests: dict[str, Located] = {}
    for folder in (daemon.running, daemon.defined):
        for file in names_in(folder, [".xml"]):
            path = folder / file
            try:
                guest = _from_file(read(path), daemon, place)
            except FileNotFoundError:
                continue  # it has just ended
            except ValueError as error:
                faults.append(Fault(SOURCE, str(path), text_of(str(error))))
            else:
                if guest is not None:
                    guests.setdefault(guest.identity, guest)
    return list(guests.values())


def _from_file(data: bytes, daemon: _Daemon, place: Place) -> Located | None:
    root = domain.read(data)
    inner = root.find("domain") if root.tag == "domstatus" else root
    if inner is None or inner.tag != "domain":
        return None
    digits = root.get("pid", "")
    pid = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 12 else None
    if root.tag == "domstatus" and pid is not None and not place.path(f"proc/{pid}").exists():
        return None  # left behind by a libvirtd that has died; the file of the defined domain tells the rest
    state = domain.state_of(root.get("state", ""), root.get("reason", "")) if root is not inner else "off"
    return domain.located(inner, domain.Connection(daemon.uri, daemon.answers), place.channel, state, pid)


def _by_virsh(uri: str, place: Place, guests: list[Located], faults: list[Fault]) -> None:
    end = time.monotonic() + place.patience
    try:
        listed = _virsh(uri, "list --all --uuid", end)
        uuids = [uuid for line in listed.splitlines() if (uuid := uuid_of(line))]
        for at in range(0, len(uuids), _BATCH):
            words = "; ".join(f"dumpxml {uuid}; domstate {uuid}" for uuid in uuids[at : at + _BATCH])
            for match in _DOMAIN.finditer(_virsh(uri, words, end)):
                xml = match[0][: match.start(1) - match.start()]
                state = domain.state_of(match[1].strip())
                element = domain.read(xml.encode())
                guests.append(domain.located(element, domain.Connection(uri), place.channel, state))
    except (OSError, ValueError) as error:
        faults.append(Fault(SOURCE, text_of(uri), text_of(str(error))))


def _virsh(uri: str, words: str, end: float) -> str:
    """What virsh prints. Raises OSError with its words.

    Read-only, so that nobody is asked for a password; a user's own libvirtd has no read-only socket and no password.
    """
    read_only = [] if uri.partition("?")[0].endswith("/session") else ["-r"]
    left = end - time.monotonic()
    try:
        done = subprocess.run(
            ["virsh", "-q", *read_only, "-c", uri, words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=max(0.0, left),
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError:
        raise OSError("virsh is not installed, and libvirt's files may not be read") from None
    except subprocess.TimeoutExpired:
        raise OSError("libvirt did not answer in time") from None
    if done.returncode and not done.stdout:
        lines = done.stderr.decode(errors="replace").replace("error: ", "").split("\n")
        raise OSError("; ".join(line for line in lines if line) or "virsh failed")
    return done.stdout.decode(errors="replace")

"""Proxmox VE: /var/run/qemu-server/VMID.qga and VMID.qmp, and names and UUIDs from /etc/pve/qemu-server/VMID.conf."""

from __future__ import annotations

import re

from guestwire.discovery.located import Fault, Located, aliases_of, bounded, name_of, uuid_of
from guestwire.discovery.place import CHANNEL, Place, names_in, read

SOURCE = "proxmox"
_SOCKETS = "var/run/qemu-server"
_CONFIGURATIONS = "etc/pve/qemu-server"


def find(place: Place) -> tuple[list[Located], list[Fault]]:
    """The machines of this node: those with a socket run, those with a configuration alone are off."""
    if place.channel != CHANNEL:
        return [], []  # its socket is the default channel's
    faults: list[Fault] = []
    numbers: set[str] = set()
    running: set[str] = set()
    for folder, ending, into in ((_SOCKETS, ".qga", running), (_CONFIGURATIONS, ".conf", numbers)):
        try:
            names = names_in(place.path(folder), [ending])
        except OSError as error:
            faults.append(Fault(SOURCE, str(place.path(folder)), error.strerror or str(error)))
        else:
            into.update(name for each in names if (name := each.removesuffix(ending)).isdecimal())
    guests = [
        _guest(place, vmid, vmid in running, faults)
        for vmid in sorted(numbers | running, key=lambda n: (len(n), n))
    ]
    kept, more = bounded(SOURCE, "machines", guests)
    return kept, faults + more


def _guest(place: Place, vmid: str, running: bool, faults: list[Fault]) -> Located:
    text = ""
    path = place.path(f"{_CONFIGURATIONS}/{vmid}.conf")
    try:
        text = read(path).decode("utf-8", "replace")
    except FileNotFoundError:
        pass
    except OSError as error:
        faults.append(Fault(SOURCE, str(path), error.strerror or str(error)))
    name, uuid = _facts(text)
    pid = _pid(place, vmid)
    socket, monitor = (place.path(f"{_SOCKETS}/{vmid}.{kind}") for kind in ("qga", "qmp"))
    if running:
        state, reason = "running", ""
    elif pid is not None:
        state, reason = "running", "the guest agent option is off in this machine's configuration"
    else:
        state, reason = "off", "the guest is shut off"
    return Located(
        name=name_of(name) or vmid,
        source=SOURCE,
        address=f"unix:{socket}" if running else None,
        reason=reason,
        uuid=uuid_of(uuid),
        state=state,
        pid=pid,
        aliases=aliases_of(vmid, name),
        qmp=f"unix:{monitor}" if (running or pid is not None) and monitor.exists() else "",
    )


def _facts(text: str) -> tuple[str, str]:
    """Name and UUID; the sections of snapshots that follow do not count."""
    current = re.split(r"^\[", text, maxsplit=1, flags=re.MULTILINE)[0]
    name = re.search(r"^name:\s*(\S+)", current, re.MULTILINE)
    uuid = re.search(r"^smbios1:.*\buuid=([0-9a-fA-F-]+)", current, re.MULTILINE)
    return name[1] if name else "", uuid[1] if uuid else ""


def _pid(place: Place, vmid: str) -> int | None:
    """The machine's process, when its pid file is not a left-over."""
    try:
        digits = read(place.path(f"{_SOCKETS}/{vmid}.pid"))[:20].strip()
        pid = int(digits) if digits.isdigit() else None
    except OSError:
        return None
    return pid if pid is not None and place.path(f"proc/{pid}").exists() else None

"""A libvirt domain's XML, as libvirtd keeps it in its status files and `virsh dumpxml` prints it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from guestwire.discovery.located import Located, aliases_of, name_of, text_of, uuid_of
from guestwire.discovery.place import CHANNEL

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SOURCE = "libvirt"
_STATES = {
    "running": "running", "idle": "running", "blocked": "running", "in shutdown": "running", "shutdown": "running",
    "paused": "paused", "shutoff": "off", "shut off": "off", "crashed": "crashed", "pmsuspended": "suspended",
}  # fmt: skip
_UNITS = {
    "b": 1, "bytes": 1, "KiB": 1 << 10, "k": 1 << 10, "MiB": 1 << 20, "M": 1 << 20, "GiB": 1 << 30, "G": 1 << 30,
}  # fmt: skip
_GONE = {"off": "the guest is shut off", "crashed": "the guest has crashed"}


def read(data: bytes) -> Element:
    """The root element. Raises ValueError; a document type, which can grow without bound, is refused."""
    if b"<!DOCTYPE" in data:
        raise ValueError("not libvirt's XML")
    try:
        return ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise ValueError(f"not XML: {error}") from None


def state_of(word: str, reason: str = "") -> str:
    """One of `Located.state`, from libvirt's word for it."""
    return "migrating" if word == "paused" and reason == "migration" else _STATES.get(word, "unknown")


@dataclass(frozen=True, slots=True)
class Connection:
    """A libvirtd at `uri`; when it is `alive` it holds the default channel of each of its domains."""

    uri: str
    alive: bool = True


def located(
    domain: Element, connection: Connection, channel: str, state: str, pid: int | None = None
) -> Located:
    """The guest of a `<domain>` element in `state`, one of `Located.state`."""
    name = domain.findtext("name") or ""
    uuid = uuid_of(domain.findtext("uuid"))
    port = _port(domain, channel)
    address, reason = None, _GONE.get(state, "")
    if port is None:
        reason = reason or f"the domain has no channel {channel}"
    elif not reason:
        address, reason = _address(port, name, connection, channel)
    target = port.find("target") if port is not None else None
    return Located(
        name=name_of(name) or uuid or "domain",
        source=SOURCE,
        address=address,
        reason=text_of(reason),
        uuid=uuid,
        state=state,
        pid=pid,
        agent=text_of(target.get("state", "")) if target is not None else "",
        aliases=aliases_of(name),
        balloon=_balloon(domain) if state in ("running", "paused", "migrating") else None,
    )


def _balloon(domain: Element) -> int | None:
    """What the balloon leaves to the guest, in bytes; libvirt's KiB unless it names another unit."""
    device, memory = domain.find("devices/memballoon"), domain.find("currentMemory")
    if device is None or device.get("model") == "none" or memory is None:
        return None
    digits, unit = (memory.text or "").strip(), _UNITS.get(memory.get("unit", "KiB"))
    return int(digits) * unit if unit and digits.isascii() and digits.isdigit() and len(digits) < 19 else None


def _port(domain: Element, channel: str) -> Element | None:
    for port in domain.iterfind("devices/channel"):
        target = port.find("target")
        if target is not None and target.get("type") == "virtio" and target.get("name") == channel:
            return port
    return None


def _address(port: Element, name: str, connection: Connection, channel: str) -> tuple[str | None, str]:
    """libvirtd holds the default channel of each domain; any other is a socket for whoever comes."""
    target = port.find("target")
    silent = target is not None and target.get("state") == "disconnected"
    reason = "no agent has opened the port in the guest" if silent else ""
    if channel == CHANNEL and connection.alive:
        if not name.isprintable() or "/" in name:
            return None, f"the domain's name {name!r} cannot stand in an address"
        return f"libvirt:{connection.uri}/{name}", reason
    source = port.find("source")
    path = source.get("path", "") if source is not None else ""
    if port.get("type") != "unix" or not path.startswith("/"):
        return None, "its channel is not a unix socket of this host"
    if len(os.fsencode(path)) > 107 or not path.isprintable():
        return None, f"its socket's path is too long or not printable: {path}"
    return f"unix:{path}", reason

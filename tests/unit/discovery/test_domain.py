"""Domains' XML as libvirt writes it, and as nobody should."""

from __future__ import annotations

import pytest

from guestwire.discovery import domain
from guestwire.discovery.domain import Connection

UUID = "5f3c1c5e-8a1b-4c1e-9d57-0123456789ab"
CHANNEL = "org.qemu.guest_agent.0"
SYSTEM = Connection("qemu:///system")


def xml(name: str = "web1", state: str = "connected", path: str = "/run/c.sock", kind: str = "unix") -> bytes:
    return f"""<domain type='qemu' id='1'><name>{name}</name><uuid>{UUID}</uuid><devices>
      <channel type='spicevmc'><target type='virtio' name='com.redhat.spice.0'/></channel>
      <channel type='{kind}'><source mode='bind' path='{path}'/>
        <target type='virtio' name='{CHANNEL}' state='{state}'/></channel>
      <channel type='unix'><source mode='bind' path='/run/own.sock'/>
        <target type='virtio' name='com.example.agent.0' state='disconnected'/></channel>
      <channel type='unix'/></devices></domain>""".encode()


def test_libvirtd_holds_the_default_channel() -> None:
    guest = domain.located(domain.read(xml()), SYSTEM, CHANNEL, "running", 4711)
    assert (guest.name, guest.uuid, guest.pid, guest.state) == ("web1", UUID, 4711, "running")
    assert (guest.address, guest.agent, guest.reason) == ("libvirt:qemu:///system/web1", "connected", "")


def test_a_channel_of_another_name_is_a_socket() -> None:
    guest = domain.located(domain.read(xml()), SYSTEM, "com.example.agent.0", "running")
    assert (guest.address, guest.agent) == ("unix:/run/own.sock", "disconnected")
    assert guest.reason == "no agent has opened the port in the guest"


def test_without_a_libvirtd_the_socket_is_free() -> None:
    guest = domain.located(domain.read(xml()), Connection("qemu:///system", False), CHANNEL, "running")
    assert guest.address == "unix:/run/c.sock"


@pytest.mark.parametrize(
    ("data", "channel", "state", "reason"),
    [
        (xml(), CHANNEL, "off", "the guest is shut off"),
        (xml(), CHANNEL, "crashed", "the guest has crashed"),
        (xml(), "x", "running", "the domain has no channel x"),
        (xml(), "x", "off", "the guest is shut off"),
        (xml("a/b"), CHANNEL, "running", "the domain's name 'a/b' cannot stand in an address"),
    ],
)
def test_why_there_is_no_way(data: bytes, channel: str, state: str, reason: str) -> None:
    guest = domain.located(domain.read(data), SYSTEM, channel, state)
    assert (guest.address, guest.reason) == (None, reason)


@pytest.mark.parametrize(
    ("path", "kind", "reason"),
    [
        ("/run/c.sock", "tcp", "its channel is not a unix socket of this host"),
        ("c.sock", "unix", "its channel is not a unix socket of this host"),
        ("/" + "x" * 120, "unix", "its socket's path is too long or not printable: /xxx"),
    ],
)
def test_sockets_that_cannot_be_opened(path: str, kind: str, reason: str) -> None:
    guest = domain.located(domain.read(xml(path=path, kind=kind)), Connection("x", False), CHANNEL, "running")
    assert guest.address is None
    assert guest.reason.startswith(reason)


def test_a_domain_without_anything() -> None:
    guest = domain.located(domain.read(b"<domain/>"), SYSTEM, CHANNEL, "running")
    assert (guest.name, guest.uuid) == ("domain", None)


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (("paused", "user"), "paused"),
        (("paused", "migration"), "migrating"),
        (("shut off",), "off"),
        (("?",), "unknown"),
    ],
)
def test_states(words: tuple[str, ...], state: str) -> None:
    assert domain.state_of(*words) == state


@pytest.mark.parametrize("data", [b"", b"<a>", b"\xff", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_what_is_not_libvirts_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not "):
        domain.read(data)


@pytest.mark.parametrize(
    ("memory", "device", "state", "size"),
    [
        (
            "<currentMemory unit='KiB'>524288</currentMemory>",
            "<memballoon model='virtio'/>",
            "running",
            512 << 20,
        ),
        ("<currentMemory>1024</currentMemory>", "<memballoon model='virtio'/>", "paused", 1 << 20),
        ("<currentMemory unit='MiB'>5</currentMemory>", "<memballoon/>", "migrating", 5 << 20),
        ("<currentMemory>1024</currentMemory>", "<memballoon model='none'/>", "running", None),
        ("<currentMemory>1024</currentMemory>", "", "running", None),
        ("<currentMemory>1024</currentMemory>", "<memballoon model='virtio'/>", "off", None),
        ("<currentMemory unit='acres'>1</currentMemory>", "<memballoon model='virtio'/>", "running", None),
        ("<currentMemory>-7</currentMemory>", "<memballoon model='virtio'/>", "running", None),
        (
            "<currentMemory>99999999999999999999</currentMemory>",
            "<memballoon model='virtio'/>",
            "running",
            None,
        ),
        ("", "<memballoon model='virtio'/>", "running", None),
    ],
)
def test_what_the_balloon_leaves(memory: str, device: str, state: str, size: int | None) -> None:
    data = f"<domain><name>a</name>{memory}<devices>{device}</devices></domain>".encode()
    guest = domain.located(domain.read(data), SYSTEM, CHANNEL, state)
    assert guest.balloon == size

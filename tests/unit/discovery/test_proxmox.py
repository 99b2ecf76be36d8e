"""A node of Proxmox VE, as its folders look."""

from __future__ import annotations

from pathlib import Path

from guestwire.discovery import proxmox
from guestwire.discovery.place import Place

CONFIGURATION = """#description
agent: enabled=1
name: web1
smbios1: uuid=5f3c1c5e-8a1b-4c1e-9d57-0123456789ab,manufacturer=x

[before-upgrade]
name: old
"""


def node(root: Path) -> Path:
    sockets, configurations = root / "var/run/qemu-server", root / "etc/pve/qemu-server"
    sockets.mkdir(parents=True)
    configurations.mkdir(parents=True)
    for name in ("100.qga", "100.pid", "100.qmp", "103.qga", "x.qga"):
        (sockets / name).touch()
    (sockets / "100.pid").write_text("4711\n")
    (sockets / "102.pid").write_text("4712\n")
    (sockets / "101.pid").write_text("99\n")
    (root / "proc/4711").mkdir(parents=True)
    (root / "proc/4712").mkdir(parents=True)
    (configurations / "100.conf").write_text(CONFIGURATION)
    (configurations / "101.conf").write_text("name: off1\n")
    (configurations / "102.conf").write_text("[snap]\nname: snapshot\n")
    return root


def test_machines_with_and_without_an_agent(tmp_path: Path) -> None:
    guests, faults = proxmox.find(Place(root=node(tmp_path)))
    assert faults == []
    assert [(g.name, g.state, g.pid, g.reason) for g in guests] == [
        ("web1", "running", 4711, ""),
        ("off1", "off", None, "the guest is shut off"),
        ("102", "running", 4712, "the guest agent option is off in this machine's configuration"),
        ("103", "running", None, ""),
    ]
    web = guests[0]
    assert web.address == f"unix:{tmp_path}/var/run/qemu-server/100.qga"
    assert web.uuid == "5f3c1c5e-8a1b-4c1e-9d57-0123456789ab"
    assert web.aliases == ("100", "web1")
    assert [guest.address for guest in guests[1:3]] == [None, None]
    assert [guest.qmp for guest in guests] == [f"unix:{tmp_path}/var/run/qemu-server/100.qmp", "", "", ""]


def test_its_socket_is_the_default_channel(tmp_path: Path) -> None:
    assert proxmox.find(Place(root=node(tmp_path), channel="com.example.agent.0")) == ([], [])


def test_no_proxmox(tmp_path: Path) -> None:
    assert proxmox.find(Place(root=tmp_path)) == ([], [])


def test_folders_that_cannot_be_read(tmp_path: Path) -> None:
    root = node(tmp_path)
    (root / "etc/pve/qemu-server/104.conf").symlink_to("104.conf")
    (root / "etc/pve/qemu-server/105.conf").symlink_to(root)
    guests, faults = proxmox.find(Place(root=root))
    assert len(guests) == 6
    assert [fault.text for fault in faults] == ["Too many levels of symbolic links", "Is a directory"]
    (tmp_path / "loop/var/run").mkdir(parents=True)
    (tmp_path / "loop/var/run/qemu-server").symlink_to("qemu-server")
    _, (fault,) = proxmox.find(Place(root=tmp_path / "loop"))
    assert fault.where.endswith("var/run/qemu-server")

"""libvirt's files, and virsh where they may not be read; a real libvirtd is in tests/interop/discovery."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from guestwire.discovery import libvirt
from guestwire.discovery.located import Fault, Located
from guestwire.discovery.place import Place

from .test_domain import UUID, xml

OTHER = "6f3c1c5e-8a1b-4c1e-9d57-0123456789ab"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host with a libvirtd and one running domain."""
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    (tmp_path / "run/libvirt/qemu").mkdir(parents=True)
    (tmp_path / "etc/libvirt/qemu").mkdir(parents=True)
    (tmp_path / "proc/4711").mkdir(parents=True)
    (tmp_path / "run/libvirt/libvirt-sock").touch()
    running = b"<domstatus state='running' reason='booted' pid='4711'>" + xml() + b"</domstatus>"
    (tmp_path / "run/libvirt/qemu/web1.xml").write_bytes(running)
    (tmp_path / "etc/libvirt/qemu/web1.xml").write_bytes(b"<!-- edited -->\n" + xml())
    off = xml("off1").replace(UUID.encode(), OTHER.encode())
    (tmp_path / "etc/libvirt/qemu/off1.xml").write_bytes(off)
    (tmp_path / "etc/libvirt/qemu/networks").mkdir()
    return tmp_path


def virsh(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A virsh of our own in front of the path."""
    (folder / "bin").mkdir(exist_ok=True)
    (folder / "bin/virsh").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "bin/virsh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}/bin:/usr/bin:/bin")


def look(root: Path, *uris: str, patience: float = 60.0) -> tuple[list[Located], list[Fault]]:
    return libvirt.find(Place(root=root, libvirt=uris, patience=patience))


def test_running_and_defined_domains_by_files(root: Path) -> None:
    guests, faults = look(root)
    assert faults == []
    assert [(guest.name, guest.state, guest.pid, guest.address) for guest in guests] == [
        ("web1", "running", 4711, "libvirt:qemu:///system/web1"),
        ("off1", "off", None, None),
    ]


def test_what_a_dead_libvirtd_left_behind(root: Path) -> None:
    (root / "run/libvirt/libvirt-sock").unlink()
    assert look(root)[0][0].address == "unix:/run/c.sock"
    (root / "proc/4711").rmdir()
    assert sorted((guest.name, guest.state) for guest in look(root)[0]) == [("off1", "off"), ("web1", "off")]


def test_a_users_own_libvirtd(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/7")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/home/u/.config")
    own = root / "run/user/7/libvirt/qemu/run"
    own.mkdir(parents=True)
    (own.parent.parent / "virtqemud-sock").touch()
    status = b"<domstatus state='paused' reason='migration'>" + xml("mine") + b"</domstatus>"
    (own / "mine.xml").write_bytes(status)
    mine = next(guest for guest in look(root)[0] if guest.name == "mine")
    socket = "" if os.geteuid() else f"?socket={root}/run/user/7/libvirt/libvirt-sock"
    assert (mine.address, mine.state) == (f"libvirt:qemu:///session{socket}/mine", "migrating")


def test_files_that_are_no_domains(root: Path) -> None:
    folder = root / "run/libvirt/qemu"
    (folder / "a.xml").write_bytes(b"<network/>")
    (folder / "b.xml").write_bytes(b"<domstatus/>")
    (folder / "c.xml").write_bytes(b"<domain")
    (folder / "d.xml").symlink_to("gone")
    guests, (fault,) = look(root)
    assert len(guests) == 2
    assert fault.where.endswith("c.xml")


def test_no_libvirt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert look(tmp_path) == ([], [])


def test_other_connections_are_asked_by_virsh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    (tmp_path / "d.xml").write_bytes(xml())
    answer = f"case $5 in list*) echo; echo {UUID}; echo rubbish;; *) cat {tmp_path}/d.xml; echo; echo 'paused';; esac"
    virsh(tmp_path, monkeypatch, f'[ "$1 $2 $3 $4" = "-q -r -c qemu+ssh://far/system" ] || exit 9\n{answer}')
    ((guest,), faults) = look(tmp_path, "qemu+ssh://far/system")
    assert faults == []
    assert (guest.address, guest.state) == ("libvirt:qemu+ssh://far/system/web1", "paused")


def test_a_users_own_libvirtd_has_no_read_only_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    virsh(tmp_path, monkeypatch, 'echo "error: $*" >&2; exit 1')
    _, faults = look(tmp_path, "qemu:///session", "qemu:///system")
    assert [fault.text for fault in faults] == [
        "-q -c qemu:///session list --all --uuid", "-q -r -c qemu:///system list --all --uuid",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("script", "patience", "text"),
    [
        (
            "echo error: failed to connect >&2; echo error: no such file >&2; exit 1",
            60,
            "failed to connect; no such file",
        ),
        ("exit 1", 60, "virsh failed"),
        ("exec sleep 600", 0.2, "libvirt did not answer in time"),
        (f"echo {UUID}; echo '<domain <</domain>'", 60, "not XML"),
    ],
)
def test_a_libvirtd_that_cannot_be_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, patience: float, text: str
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    virsh(tmp_path, monkeypatch, script)
    guests, (fault,) = look(tmp_path, "qemu:///system", patience=patience)
    assert guests == []
    assert fault.text.startswith(text)


def test_no_virsh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    _, (fault,) = look(tmp_path, "qemu:///system")
    assert (
        str(fault) == "libvirt: qemu:///system: virsh is not installed, and libvirt's files may not be read"
    )


def test_files_of_another_user(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path) -> bytes:
        raise PermissionError(13, os.strerror(13), str(path))

    monkeypatch.setattr(libvirt, "read", refused)
    virsh(root, monkeypatch, "exit 0")
    assert look(root) == ([], [])

"""QEMU processes: a real one, and /proc trees of which each line is a stranger's."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from guestwire.discovery import qemu
from guestwire.discovery.located import Located
from guestwire.discovery.place import Place

UUID = "5f3c1c5e-8a1b-4c1e-9d57-0123456789ab"
PORT = ["-device", "virtserialport,chardev=qga,name=org.qemu.guest_agent.0"]


def process(root: Path, argv: Sequence[str | bytes], pid: int = 42) -> Path:
    """A process in a tree of its own."""
    folder = root / f"proc/{pid}"
    folder.mkdir(parents=True)
    words = [word.encode() if isinstance(word, str) else word for word in argv]
    (folder / "cmdline").write_bytes(b"".join(word + b"\0" for word in words))
    (folder / "root").symlink_to(root)
    return folder


def only(root: Path, **more: object) -> Located:
    guests, faults = qemu.find(Place(root=root, **more))  # type: ignore[arg-type]
    assert faults == []
    (guest,) = guests
    return guest


@contextlib.contextmanager
def listening(path: Path) -> Iterator[str]:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        yield str(path)


@pytest.mark.skipif(not shutil.which("qemu-system-x86_64"), reason="qemu-system-x86_64 is not installed")
def test_a_real_one_that_boots_nothing(tmp_path: Path) -> None:
    path = tmp_path / "qga,0.sock"
    command = [
        "qemu-system-x86_64", "-accel", "tcg", "-S", "-nodefaults", "-display", "none", "-m", "16M",
        "-name", "guest=tiny,debug-threads=on", "-uuid", UUID, "-device", "virtio-serial-pci",
        "-chardev", f"socket,id=qga,path={str(path).replace(',', ',,')},server=on,wait=off",
        "-device", '{"driver":"virtserialport","chardev":"qga","name":"org.qemu.guest_agent.0"}',
    ]  # fmt: skip
    with subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], stderr=subprocess.PIPE) as running:
        try:
            end = time.monotonic() + 60
            while not path.exists():
                assert running.poll() is None, running.stderr and running.stderr.read()
                assert time.monotonic() < end
                time.sleep(0.02)
            guests, faults = qemu.find(Place())
            (guest,) = [each for each in guests if each.pid == running.pid]
        finally:
            running.kill()
    assert faults == []
    assert guest == Located(
        "tiny",
        "qemu",
        f"unix:{path}",
        uuid=UUID,
        state="running",
        pid=running.pid,
        uid=os.geteuid(),
        aliases=("tiny",),
    )


def test_a_relative_socket_is_in_the_folder_of_its_process(tmp_path: Path) -> None:
    folder = process(tmp_path, ["/usr/bin/kvm", "-chardev", "socket,id=qga,path=qga.sock,server=on", *PORT])
    assert "may not be looked at" in only(tmp_path).reason
    (folder / "cwd").symlink_to(tmp_path)
    with listening(tmp_path / "qga.sock") as path:
        assert only(tmp_path).address == f"unix:{path}"


def test_a_container_has_its_own_root(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    folder = process(
        tmp_path, ["qemu-system-x86_64", "-chardev", "socket,id=qga,path=/q.sock,server=on", *PORT]
    )
    (folder / "root").unlink()
    (folder / "root").symlink_to(tmp_path / "c")
    with listening(tmp_path / "c/q.sock"):
        assert only(tmp_path).address == f"unix:{folder}/root/q.sock"
        (folder / "root").unlink()
        assert only(tmp_path).reason == "/q.sock: No such file or directory"


@pytest.mark.parametrize(
    ("chardev", "address"),
    [
        ("socket,id=qga,host=,port=4444,server=on", "tcp:127.0.0.1:4444"),
        ("socket,id=qga,host=::1,port=4444,server=on", "tcp:[::1]:4444"),
        ("socket,id=qga,host=10.0.0.1,port=4444,server", "tcp:10.0.0.1:4444"),
    ],
)
def test_a_channel_over_tcp(tmp_path: Path, chardev: str, address: str) -> None:
    process(tmp_path, ["qemu-kvm", "-chardev", chardev, *PORT])
    assert only(tmp_path).address == address


@pytest.mark.parametrize(
    ("chardev", "reason"),
    [
        ("pty,id=qga", "its agent port is a pty chardev, not a socket"),
        ("socket,id=qga,fd=30,server=on", "whoever started QEMU holds its agent channel"),
        ("socket,id=qga,path=/q", "QEMU connects its agent channel to another program"),
        ("socket,id=qga,path=q,server=on,abstract=on", "its agent channel is an abstract socket"),
        ("socket,id=qga,port=x,server=on", "its agent channel has a wrong host or port"),
        ("socket,id=qga,host=a\x1b,port=1,server=on", "its agent channel has a wrong host or port"),
        ("socket,id=qga,server=on", "its agent channel has neither path nor port"),
        ("socket,id=qga,path=/none/q,server=on", "/none/q: No such file or directory"),
        (
            "socket,id=qga,path=/" + "x" * 110 + ",server=on",
            "its socket's path is too long or not printable: /xxx",
        ),
        (
            "socket,id=qga,path=/\x1b[2J,server=on",
            "its socket's path is too long or not printable: /\\x1b[2J",
        ),
        ("socket,id=other,path=/q,server=on", "QEMU was started without a port org.qemu.guest_agent.0"),
    ],
)
def test_why_there_is_no_way(tmp_path: Path, chardev: str, reason: str) -> None:
    process(tmp_path, ["/usr/libexec/qemu-kvm", "-chardev", chardev, *PORT])
    guest = only(tmp_path)
    assert guest.address is None
    assert guest.reason.startswith(reason)
    assert guest.reason.isprintable()


def test_vsock_needs_a_port(tmp_path: Path) -> None:
    process(tmp_path, ["qemu-system-aarch64", "-device", "vhost-vsock-pci,guest-cid=7"])
    assert only(tmp_path).reason == "it has vsock (cid 7), and the agent's port there is not known"
    assert only(tmp_path, vsock_port=1024).address == "vsock:7:1024"


@pytest.mark.skipif(os.geteuid() != 0, reason="full part: needs root to give a file away")
def test_a_strangers_process_cannot_point_at_others_sockets(tmp_path: Path) -> None:
    with listening(tmp_path / "q.sock") as path:
        folder = process(tmp_path, ["qemu-kvm", "-chardev", f"socket,id=qga,path={path},server=on", *PORT])
        os.chown(folder, 65534, 65534)
        assert only(tmp_path).reason == f"{path} belongs to another user than its QEMU"
        os.chown(path, 65534, 65534)
        assert only(tmp_path).address == f"unix:{path}"


@pytest.mark.parametrize(
    "argv",
    [["sudo", "qemu-system-x86_64"], ["qemu-ga"], ["qemu-img", "x"], [b"\xff\xfe"], [""], []],
)
def test_other_programs_are_no_guests(tmp_path: Path, argv: list[str | bytes]) -> None:
    process(tmp_path, argv)
    assert qemu.find(Place(root=tmp_path)) == ([], [])


def test_hostile_names(tmp_path: Path) -> None:
    process(tmp_path, ["qemu-system-x86_64", "-name", "\x1b]0;pwned\x07" + "x" * 5000])
    process(tmp_path, ["qemu-system-x86_64", "-name", b"\xff\n"], pid=43)
    process(tmp_path, ["/nix/store/a/.qemu-system-x86_64-wrapped", "-m", "1"], pid=44)
    guests, _ = qemu.find(Place(root=tmp_path))
    assert [guest.name for guest in guests] == ["__0;pwned_" + "x" * 54, "__", "qemu-44"]


def test_a_process_that_ends_meanwhile(tmp_path: Path) -> None:
    (tmp_path / "proc/7").mkdir(parents=True)
    (tmp_path / "proc/self").mkdir()
    assert qemu.find(Place(root=tmp_path)) == ([], [])


def test_no_proc_is_a_fault(tmp_path: Path) -> None:
    guests, (fault,) = qemu.find(Place(root=tmp_path))
    assert guests == []
    assert str(fault) == f"qemu: {tmp_path}/proc: No such file or directory"


def test_its_monitor_is_the_first_that_others_may_use(tmp_path: Path) -> None:
    words = [
        "-chardev",
        "socket,id=charmonitor,path=/m0,server=on",
        "-mon",
        "chardev=charmonitor,mode=control",
    ]
    for name in ("m1", "m2"):
        words += ["-qmp", f"unix:{tmp_path}/{name},server=on,wait=off"]
    process(tmp_path, ["qemu-system-x86_64", *words])
    with listening(tmp_path / "m1"), listening(tmp_path / "m2"):
        assert only(tmp_path).qmp.endswith("/m1")


def test_a_monitor_that_is_not_there_is_none(tmp_path: Path) -> None:
    process(tmp_path, ["qemu-system-x86_64", "-qmp", f"unix:{tmp_path}/m1", "-mon", "nowhere,mode=control"])
    assert only(tmp_path).qmp == ""

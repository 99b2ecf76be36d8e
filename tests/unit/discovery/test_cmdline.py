"""Command lines as people and managers write them."""

from __future__ import annotations

import pytest

from guestwire.discovery.cmdline import is_on, parse

CHANNEL = "org.qemu.guest_agent.0"
SOCKET = {"backend": "socket", "id": "qga0", "path": "/run/qga.sock"}


@pytest.mark.parametrize(
    "text",
    [
        "-chardev socket,path=/run/qga.sock,server=on,wait=off,id=qga0 -device virtio-serial "
        "-device virtserialport,chardev=qga0,name=org.qemu.guest_agent.0",
        "--chardev socket,id=qga0,path=/run/qga.sock,server,nowait --device virtserialport,name=org.qemu.guest_agent.0,"
        "chardev=qga0",
        '-chardev socket,id=qga0,path=/run/qga.sock,server=yes -device {"driver":"virtserialport","bus":"v.0","nr":1,'
        '"chardev":"qga0","id":"channel0","name":"org.qemu.guest_agent.0"}',
        '-chardev {"id":"qga0","backend":{"type":"socket","data":{"addr":{"type":"unix","data":{"path":"/run/qga.sock"}'
        '},"server":true,"wait":false}}} -device virtserialport,chardev=qga0,name=org.qemu.guest_agent.0',
        "-chardev socket,id=qga0,path=/run/qga.sock,server=on -device isa-serial,chardev=qga0",
        "-chardev socket,id=qga0,path=/run/qga.sock,server=on -serial chardev:qga0",
    ],
)
def test_the_channel_in_every_form(text: str) -> None:
    found = parse(text.split(" ")).chardev_of(CHANNEL)
    assert found is not None
    assert found.items() >= SOCKET.items()
    assert is_on(found, "server")


def test_another_channel_can_be_chosen() -> None:
    line = parse(
        "-chardev socket,id=a,path=/a,server=on -device virtserialport,chardev=a,name=org.qemu.guest_agent.0 "
        "-chardev socket,id=b,path=/b,server=on -device virtserialport,chardev=b,name=com.example.agent.0 "
        "-serial file:/x -serial unix:/c,server=on,wait=off".split()
    )
    paths = {
        name: (line.chardev_of(name) or {}).get("path")
        for name in (CHANNEL, "com.example.agent.0", "isa-serial", "n")
    }
    assert paths == {CHANNEL: "/a", "com.example.agent.0": "/b", "isa-serial": "/c", "n": None}


def test_a_serial_console_is_no_agent_channel() -> None:
    line = parse("-chardev socket,id=console,path=/a,server=on -device isa-serial,chardev=console".split())
    assert line.chardev_of(CHANNEL) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("-name web1", "web1"),
        ("-name guest=web1,debug-threads=on", "web1"),
        ("-name web1,process=qemu-web1", "web1"),
        ("-name a,,b", "a,b"),
        ("-name", ""),
        ("", ""),
    ],
)
def test_the_name(text: str, name: str) -> None:
    assert parse(text.split()).name == name


def test_uuid_and_proxmox_number() -> None:
    line = parse("-id 100 -uuid 5F3C1C5E-8A1B-4C1E-9D57-0123456789AB".split())
    assert (line.id, line.uuid) == ("100", "5F3C1C5E-8A1B-4C1E-9D57-0123456789AB")


@pytest.mark.parametrize(
    ("device", "cid"),
    [
        ("vhost-vsock-pci,guest-cid=7", 7),
        ("vhost-vsock-device,guest-cid=x", None),
        ("e1000,guest-cid=7", None),
    ],
)
def test_vsock(device: str, cid: int | None) -> None:
    assert parse(["-device", device]).vsock == cid


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        "[" * 100_000,
        "{" + '"a":{' * 5000 + "}" * 5001,
        '{"driver":5,"a":[1],"id":null}',
        ",,,=,=,",
        "\udcff",
    ],
)
def test_no_argument_does_harm(text: str) -> None:
    line = parse(["-device", text, "-chardev", text, "-serial", text, "-name", text])
    assert line.chardev_of(CHANNEL) is None
    assert line.vsock is None


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("-qmp unix:/m,server=on,wait=off", "/m"),
        ("-qmp-pretty unix:/m,server,nowait", "/m"),
        ("-chardev socket,id=c,path=/m,server=on -mon chardev=c,mode=control", "/m"),
        ("-mon c,mode=control -chardev socket,id=c,path=/m,server=on", "/m"),
        ("-chardev socket,id=c,path=/m,server=on -qmp chardev:c", "/m"),
        ("-qmp unix:/m,server=on -qmp unix:/n,server=on", "/m"),
    ],
)
def test_a_qmp_monitor_in_every_form(text: str, path: str) -> None:
    line = parse(text.split())
    found = line.chardevs[line.controls[0]]
    assert found["path"] == path
    assert is_on(found, "server")


@pytest.mark.parametrize(
    "text",
    [
        "-chardev socket,id=c,path=/m,server=on -mon chardev=c,mode=readline",
        "-chardev socket,id=c,path=/m,server=on -mon c",
        "-monitor unix:/m,server=on",
        "-qmp stdio",
        "-qmp tcp:localhost:4444,server=on",
    ],
)
def test_what_is_no_qmp_monitor_on_a_socket(text: str) -> None:
    line = parse(text.split())
    assert not [name for name in line.controls if name in line.chardevs]

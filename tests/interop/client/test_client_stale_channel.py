"""A channel as others leave it: QEMU's agent keeps its state, whoever connects."""

import json
import os
import socket

import pytest

from guestwire.client import GuestAgent


def connect(address):
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(address.removeprefix("unix:"))
    return sock


@pytest.mark.parametrize(
    "half",
    [
        b'{"execute": "guest-ge',
        b'{"execute": "guest-file-write", "arguments": {"handle": 1, "buf-b64": "AAAA',
        b"[[[[[[[[[[{",
        b"}}}}]]]",
        b"{\xff\xfe{",
        b'{"execute": "guest-sync-delimited", "arguments": {"id": 1}}',
    ],
)
def test_half_a_request(chardev, half):
    with connect(chardev) as other:
        other.sendall(half)
    with GuestAgent(chardev) as agent:
        assert agent.execute("guest-ping") == {}
        assert "host-name" in agent.execute("guest-get-host-name")


def test_megabytes_of_an_unread_answer(chardev, tmp_path):
    (tmp_path / "big").write_bytes(os.urandom(4_000_000))
    with connect(chardev) as other:
        other.sendall(
            b'{"execute": "guest-file-open", "arguments": {"path": "%s"}}\n' % bytes(tmp_path / "big")
        )
        handle = json.loads(other.recv(999))["return"]
        request = b'{"execute": "guest-file-read", "arguments": {"handle": %d, "count": 4000000}}\n' % handle
        other.sendall(request + b'{"execute": "guest-pi')
        assert len(other.recv(100)) > 0
    with GuestAgent(chardev, timeout=60) as agent:
        assert agent.execute("guest-ping") == {}
        assert "host-name" in agent.execute("guest-get-host-name")

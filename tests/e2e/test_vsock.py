"""vsock: inside the guest over its kernel's loopback, and from the host where the machine has vhost-vsock."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from guestwire.client import GuestAgent

from .conftest import ready
from .harness.guest import Guest

PORT = 5000
CID = 52
ANY = 0xFFFFFFFF
OUT = "/tmp/vsock.out"

# Connects to this guest itself (CID 1), leaves in the middle of a request and of an answer, never reads, comes back.
CLIENT = f"""
import json, socket

def connect():
    line = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
    line.settimeout(60)
    line.connect((1, {PORT}))
    return line

def ask(line, request):
    line.sendall(json.dumps(request).encode() + b"\\n")
    answer = b""
    while not answer.endswith(b"\\n"):
        answer += line.recv(65536)
    return json.loads(answer.lstrip(b"\\xff"))["return"]

line = connect()
line.sendall(b'{{"execute":"guest-pi')
line.close()
line = connect()
handle = ask(line, {{"execute": "guest-file-open", "arguments": {{"path": "/usr/bin/python3"}}}})
read = json.dumps({{"execute": "guest-file-read", "arguments": {{"handle": handle, "count": 3000000}}}})
line.sendall(read.encode())
assert line.recv(10)
line.close()
line = connect()
assert ask(line, {{"execute": "guest-sync-delimited", "arguments": {{"id": 7}}}}) == 7
assert ask(line, {{"execute": "guest-ping"}}) == {{}}
print("answered")
"""


def test_vsock_inside_the_guest(light: Guest) -> None:
    options = f"-m vsock-listen -p {ANY}:{PORT} -t /tmp/vsock-state"
    light.sh("mkdir -p /tmp/vsock-state")
    with light.agent() as agent:
        agent.write_file("/tmp/vsock.py", CLIENT.encode())
    pid = light.second_agent(options, "/tmp/vsock.log")
    light.until(f"python3 -I -S /tmp/vsock.py >{OUT} 2>&1")
    assert light.sh(f"cat {OUT}") == "answered"
    light.sh(f"kill {pid}")


@pytest.fixture
def reached() -> Iterator[Guest]:
    if not os.path.exists("/dev/vhost-vsock"):
        pytest.skip("this machine has no vhost-vsock")
    ready()
    with Guest(options=["-device", f"vhost-vsock-pci,guest-cid={CID}"]) as guest:
        yield guest


def test_vsock_from_the_host(reached: Guest) -> None:
    reached.start_agent(f"-m vsock-listen -p {ANY}:{PORT}", wait_on=None)
    with GuestAgent(f"vsock:{CID}:{PORT}", timeout=60) as agent:
        agent.wait_ready(timeout=120)
        agent.write_file("/tmp/upload", bytes(range(256)) * 4096)
        assert agent.read_file("/tmp/upload") == bytes(range(256)) * 4096

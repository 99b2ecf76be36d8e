"""The agent against qemu-ga in one real guest, each on a virtio-serial port of its own (emulated, no KVM)."""

from __future__ import annotations

import base64
import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.pairs import Figure, interleave, timed

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.e2e.harness.guest import DEFAULT_PORT, OWN_PORT, Guest

NOTES = """
Under emulation, no KVM: the guest's processor is the bound of both.
"""
PING = b'{"execute":"guest-ping"}\n'
MIB = 1 << 20


class Port:
    """Raw requests over a port: a request, a line back."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(120)
        self._socket.connect(str(path))

    def ask(self, data: bytes) -> bytes:
        self._socket.sendall(data)
        first = last = self._socket.recv(MIB)
        while not last.endswith(b"\n"):
            last = self._socket.recv(MIB)
        return first

    def open(self, path: str, mode: str) -> int:
        request = {"execute": "guest-file-open", "arguments": {"path": path, "mode": mode}}
        return int(json.loads(self.ask(json.dumps(request).encode()))["return"])

    def close(self, handle: int) -> None:
        self.ask(b'{"execute":"guest-file-close","arguments":{"handle":%d}}' % handle)


def run(folder: Path, quick: bool) -> Iterator[Figure]:
    """Pings and file transfers over virtio-serial."""
    rounds = 3 if quick else 9
    with Guest() as guest:
        guest.start_agent()
        guest.sh("head -c 4194304 /dev/urandom > /tmp/source; mkdir -p /tmp/theirs")
        options = f"-p /dev/virtio-ports/{OWN_PORT} -t /tmp/theirs -f /tmp/theirs/pid"
        guest.sh(f"setsid /usr/sbin/qemu-ga {options} >/dev/null 2>&1 &")
        with guest.agent(OWN_PORT) as agent:
            agent.wait_ready(timeout=120)
        yield from figures(Port(guest.socket_of(DEFAULT_PORT)), Port(guest.socket_of(OWN_PORT)), rounds)


def figures(ours: Port, theirs: Port, rounds: int) -> Iterator[Figure]:
    def ping(port: Port) -> float:
        return sorted(timed(lambda: port.ask(PING)) for _ in range(60))[30] * 1e6

    yield Figure("guest-ping round trip, p50", *_both(ours, theirs, ping, rounds), "µs")
    for count in (48 * 1024, MIB):

        def read(port: Port, count: int = count) -> float:
            handle = port.open("/tmp/source", "r")
            request = b'{"execute":"guest-file-read","arguments":{"handle":%d,"count":%d}}' % (handle, count)
            spent = timed(lambda: [port.ask(request) for _ in range(3)])
            port.close(handle)
            return 3 * count / MIB / spent

        def write(port: Port, count: int = count) -> float:
            handle = port.open("/tmp/target", "w")
            text = base64.b64encode(os.urandom(count))
            request = b'{"execute":"guest-file-write","arguments":{"handle":%d,"buf-b64":"%s"}}' % (
                handle,
                text,
            )
            spent = timed(lambda: [port.ask(request) for _ in range(2)])
            port.close(handle)
            return 2 * count / MIB / spent

        size = f"{count // 1024} KiB"
        yield Figure(
            f"guest-file-read, {size}", *_both(ours, theirs, read, rounds), "MiB/s", more_is_better=True
        )
        yield Figure(
            f"guest-file-write, {size}", *_both(ours, theirs, write, rounds), "MiB/s", more_is_better=True
        )


def _both(ours: Port, theirs: Port, measure: object, rounds: int) -> tuple[float, float]:
    assert callable(measure)
    return interleave(lambda: measure(ours), lambda: measure(theirs), rounds)

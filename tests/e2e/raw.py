"""Bytes on a port, without the client's care."""

from __future__ import annotations

import socket

from .harness.guest import DEFAULT_PORT, Guest

PATIENCE = 60.0


class Raw:
    """A connection to the host's end of a port."""

    def __init__(self, guest: Guest, name: str = DEFAULT_PORT) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(
            str(guest.socket_of(name))
        )  # waits its turn: QEMU may not have let the last one go yet
        self.socket.settimeout(PATIENCE)

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(self, data: bytes) -> bytes:
        self.socket.sendall(data)
        answer = bytearray()
        while not answer.endswith(b"\n"):
            answer += self.socket.recv(1 << 16)
        return bytes(answer)

"""TCP: a chardev socket that QEMU offers on a port."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guestwire.client.address import TcpAddress


class TcpEndpoint:
    """Host and port; the host may have several addresses."""

    asks_name_server = True

    def __init__(self, address: TcpAddress) -> None:
        self.address = address

    def candidates(self) -> list[tuple[int, object]]:
        """What the resolver of this system gives, in its order."""
        found = socket.getaddrinfo(self.address.host, self.address.port, type=socket.SOCK_STREAM)
        return [(family, place) for family, _, _, _, place in found]

    def prepare(self, sock: socket.socket) -> None:
        """Requests are small and each waits for its answer: send them at once."""
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def waiting_behind(self, sock: socket.socket) -> bool | None:
        """Invisible from this side."""
        return None

"""vsock: an agent that listens inside the guest, with no socket file on the host."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guestwire.client.address import VsockAddress


class VsockEndpoint:
    """The guest's context id and the agent's port."""

    asks_name_server = False

    def __init__(self, address: VsockAddress) -> None:
        self.address = address

    def candidates(self) -> list[tuple[int, object]]:
        """One socket, one address. Raises OSError where the system has no vsock."""
        family = getattr(socket, "AF_VSOCK", None)
        if family is None:
            raise OSError("this system has no vsock sockets")
        return [(family, (self.address.cid, self.address.port))]

    def prepare(self, sock: socket.socket) -> None:
        """Nothing to set."""

    def waiting_behind(self, sock: socket.socket) -> bool | None:
        """Invisible from this side."""
        return None

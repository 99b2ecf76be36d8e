"""Unix stream sockets: QEMU's chardev socket, an agent's unix-listen, a guest of the broker."""

from __future__ import annotations

import fcntl
import socket
import struct
import termios
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guestwire.client.address import UnixAddress

_CONNECTING = "02"  # SS_CONNECTING of <linux/net.h>: nobody has accepted this connection yet


class UnixEndpoint:
    """`path` as the kernel takes it."""

    asks_name_server = False

    def __init__(self, address: UnixAddress) -> None:
        self.path = address.path

    def candidates(self) -> list[tuple[int, object]]:
        """One socket, one path."""
        return [(socket.AF_UNIX, self.path)]

    def prepare(self, sock: socket.socket) -> None:
        """Nothing to set."""

    def waiting_behind(self, sock: socket.socket) -> bool | None:
        """Whether our connection waits in the listener's queue: what we wrote is unread (SIOCOUTQ), and a connection
        to this path is not accepted yet (/proc/net/unix).

        QEMU and the C agent serve one client and leave the next in the queue, where it connects and may write, but
        is not heard. Columns: Num RefCount Protocol Flags Type St Inode Path.
        """
        try:
            unread = struct.unpack("i", fcntl.ioctl(sock, termios.TIOCOUTQ, bytes(4)))[0]
            if not unread:
                return False
            with open("/proc/net/unix", encoding="utf-8", errors="surrogateescape") as table:
                rows = [line.rstrip("\n").split(maxsplit=7) for line in table]
        except OSError:
            return None
        return any(len(row) == 8 and row[7] == self.path and row[5] == _CONNECTING for row in rows)

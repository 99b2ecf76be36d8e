"""Who asks: a user of this host, told by the kernel, or somebody whom the process that runs the broker vouches for."""

from __future__ import annotations

import os
import socket
import struct
from dataclasses import dataclass

_SO_PEERGROUPS = 59  # <asm-generic/socket.h>, Linux 4.13; Python has no name for it


@dataclass(frozen=True, slots=True)
class Principal:
    """Either `uid` with `gids` (its own group and all others), or a `name` with `roles`, such as a user of a web page.

    `unrestricted` is the process itself: what it asks, no policy forbids. `pid` tells which program it was.
    """

    uid: int | None = None
    gids: frozenset[int] = frozenset()
    name: str = ""
    roles: frozenset[str] = frozenset()
    pid: int | None = None
    unrestricted: bool = False

    @property
    def key(self) -> tuple[int | None, str]:
        """What ownership by user goes by: the same for all connections of one user."""
        return self.uid, self.name

    def __str__(self) -> str:
        return self.name or f"uid {self.uid}"


HOST = Principal(name="host", unrestricted=True)
"""The process that runs the broker."""


def of_peer(sock: socket.socket) -> Principal:
    """Who holds the other end of a unix socket, as the kernel noted it when it connected. Raises OSError."""
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    pid, uid, gid = struct.unpack("iII", raw)
    return Principal(uid=uid, gids=frozenset((gid, *_other_groups(sock))), pid=pid)


def owner() -> Principal:
    """The user as whom this process runs."""
    return Principal(uid=os.geteuid(), gids=frozenset((os.getegid(), *os.getgroups())), pid=os.getpid())


def _other_groups(sock: socket.socket) -> tuple[int, ...]:
    """Up to 256; of a user in more groups only the first one counts, which can only forbid more."""
    try:
        raw = sock.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, 1024)
    except OSError:
        return ()
    return struct.unpack(f"{len(raw) // 4}I", raw)

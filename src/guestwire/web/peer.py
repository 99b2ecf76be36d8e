"""Which user of this machine is at the other end of a loopback connection: the kernel says.

It is asked for the one socket (sock_diag over netlink, some microseconds). Where that is not to be had, its whole
table is read, which takes milliseconds: the kernel walks through every bucket that it has for sockets.
"""

from __future__ import annotations

import socket
import struct
from pathlib import Path
from typing import Any

PROC = Path("/proc/net")
_TABLES = ("tcp", "tcp6")
_UID, _LOCAL, _REMOTE = 7, 1, 2  # columns of /proc/net/tcp
# linux/sock_diag.h, linux/inet_diag.h, linux/netlink.h
_SOCK_DIAG, _SOCK_DIAG_BY_FAMILY, _REQUEST = 4, 20, 1
_ANY_STATE = 0xFFFFFFFF
_NO_COOKIE = struct.pack("=III", 0, 0xFFFFFFFF, 0xFFFFFFFF)  # behind an interface: any
_HEAD = 16  # bytes of a netlink message's head
_ID_AT = _HEAD + 4  # ports and addresses in the answer
_UID_AT = _ID_AT + 48 + 12


def user_of(peer: Any, own: Any, proc: Path = PROC) -> int | None:
    """The numeric user of the socket whose own end is `peer` and whose other end is `own`; None if nobody tells."""
    try:
        ends = {(_spelt(peer, mapped), _spelt(own, mapped)) for mapped in (False, True)}
        found = _asked(peer, own) if proc == PROC else None
    except (OSError, TypeError, IndexError, struct.error):
        return None
    return found if found is not None else _listed(ends, proc)


def _asked(peer: Any, own: Any) -> int | None:
    """What the kernel answers about one socket; None if it does not answer, or about another."""
    family = socket.AF_INET6 if ":" in peer[0] else socket.AF_INET
    near, far = (socket.inet_pton(family, end[0].partition("%")[0]).ljust(16, b"\0") for end in (peer, own))
    wanted = struct.pack("!HH", peer[1], own[1]) + near + far
    body = struct.pack("=BBBBI", family, socket.IPPROTO_TCP, 0, 0, _ANY_STATE) + wanted + _NO_COOKIE
    head = struct.pack("=IHHII", _HEAD + len(body), _SOCK_DIAG_BY_FAMILY, _REQUEST, 1, 0)
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _SOCK_DIAG) as line:
            line.settimeout(0.05)
            line.send(head + body)
            answer = line.recv(4096)
    except (OSError, AttributeError):  # forbidden, or no such kernel
        return None
    if len(answer) < _UID_AT + 4 or answer[_ID_AT : _ID_AT + len(wanted)] != wanted:
        return None  # an error, or a listening socket on the same port
    return int(struct.unpack_from("=I", answer, _UID_AT)[0])


def _listed(ends: set[tuple[str, str]], proc: Path) -> int | None:
    for table in _TABLES:
        try:
            lines = (proc / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            columns = line.split()
            if (columns[_LOCAL], columns[_REMOTE]) in ends:
                return int(columns[_UID])
    return None


def _spelt(end: Any, mapped: bool) -> str:
    """An address and port as the kernel writes them: words of 32 bits in its own byte order, in hex."""
    host, port = end[0].partition("%")[0], end[1]
    if ":" in host:
        data = socket.inet_pton(socket.AF_INET6, host)
    else:
        data = socket.inet_aton(host)
        data = b"\0" * 10 + b"\xff\xff" + data if mapped else data
    words = struct.unpack(f"={len(data) // 4}I", data)
    return "".join(f"{word:08X}" for word in words) + f":{port:04X}"

"""Which user of this machine is at the other end of a loopback connection: the kernel's table of sockets says."""

from __future__ import annotations

import socket
import struct
from pathlib import Path
from typing import Any

_TABLES = ("tcp", "tcp6")
_UID, _LOCAL, _REMOTE = 7, 1, 2  # columns of /proc/net/tcp


def user_of(peer: Any, own: Any, proc: Path = Path("/proc/net")) -> int | None:
    """The numeric user of the socket whose own end is `peer` and whose other end is `own`; None if nobody tells."""
    try:
        ends = {(_spelt(peer, mapped), _spelt(own, mapped)) for mapped in (False, True)}
    except (OSError, TypeError, IndexError, struct.error):
        return None
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

"""Who is on the other end, and on the same end, of a unix socket: the processes, as the kernel knows them."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20  # <linux/sock_diag.h>
_DUMP = 0x301  # NLM_F_REQUEST | NLM_F_DUMP
_DONE, _ERROR = 3, 2
_SHOW_NAME_AND_PEER = 1 | 4  # <linux/unix_diag.h>
_NAME, _PEER = 0, 2
_HEADER = struct.Struct("=IHHII")
_REQUEST = struct.Struct("=BBHIIIII")
_ANSWER = struct.Struct("=BBBBIII")
_ESTABLISHED = 1


def process_name(pid: int, proc: str = "/proc") -> str:
    """`NAME (pid N)`, the name as far as the kernel tells it."""
    with suppress(OSError), open(f"{proc}/{pid}/comm", encoding="utf-8", errors="replace") as file:
        return f"{file.read().strip()} (pid {pid})"
    return f"pid {pid}"


def listener(sock: socket.socket) -> int:
    """The process that listens where `sock` is connected to; 0 when it is outside our view."""
    credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    pid: int = struct.unpack("iII", credentials)[0]
    return pid


def clients(path: str) -> list[int]:
    """The processes that are connected to the socket at `path`, as far as we may see them."""
    peers = set()
    with suppress(OSError):
        peers = {peer for name, state, peer in _sockets() if name == path and state == _ESTABLISHED and peer}
    return sorted(_owners(peers)) if peers else []


def _sockets() -> Iterator[tuple[str, int, int]]:
    """Path, state and peer's inode of every unix socket. Raises OSError where the kernel does not tell."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as netlink:
        netlink.settimeout(5)
        request = _REQUEST.pack(socket.AF_UNIX, 0, 0, 0xFFFFFFFF, 0, _SHOW_NAME_AND_PEER, 0, 0)
        size = _HEADER.size + len(request)
        netlink.send(_HEADER.pack(size, _SOCK_DIAG_BY_FAMILY, _DUMP, 1, 0) + request)
        while True:
            data = netlink.recv(1 << 16)
            at = 0
            while at < len(data):
                length, kind, *_ = _HEADER.unpack_from(data, at)
                if kind in (_DONE, _ERROR) or length < _HEADER.size:
                    return
                yield _socket(data[at + _HEADER.size : at + length])
                at += (length + 3) & ~3


def _socket(message: bytes) -> tuple[str, int, int]:
    state = _ANSWER.unpack_from(message)[2]
    name, peer = "", 0
    at = _ANSWER.size
    while at + 4 <= len(message):
        length, kind = struct.unpack_from("=HH", message, at)
        value = message[at + 4 : at + length]
        if kind == _NAME:
            name = value.rstrip(b"\0").decode("utf-8", "surrogateescape")
        elif kind == _PEER:
            peer = struct.unpack("=I", value)[0]
        at += max((length + 3) & ~3, 4)
    return name, state, peer


def _owners(inodes: set[int]) -> set[int]:
    """The processes that have one of these sockets open."""
    wanted = {f"socket:[{inode}]" for inode in inodes}
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            for fd in os.listdir(f"/proc/{pid}/fd"):
                with suppress(OSError):
                    if os.readlink(f"/proc/{pid}/fd/{fd}") in wanted:
                        found.add(int(pid))
    return found

"""Failed units, asked of systemd itself on its private socket: a few hundred bytes instead of a systemctl.

The socket speaks D-Bus between two ends, without a bus. Of D-Bus's format (dbus.freedesktop.org, "D-Bus
Specification": Message Protocol, Marshaling) this is as much as one call and its answer need.
"""

from __future__ import annotations

import os
from _socket import AF_UNIX, SOCK_CLOEXEC, SOCK_STREAM, socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Order = Literal["little", "big"]

_SOCKET = "/run/systemd/private"
_TIMEOUT = 1.0  # seconds for each step; systemd answers within a millisecond unless it hangs
_MAX_MESSAGE = 4 << 20
_MAX_SIGNALS = 64  # signals that may come before the answer
_CALL, _ANSWER, _ERROR = 1, 2, 3
_FIELDS = (
    (1, b"o", b"/org/freedesktop/systemd1"),
    (2, b"s", b"org.freedesktop.systemd1.Manager"),
    (3, b"s", b"ListUnitsFiltered"),
    (6, b"s", b"org.freedesktop.systemd1"),
)
_STRINGS_IN_FRONT = 6  # of a unit: name, description, load, active and sub state, followed; then its object


def failed_units(root: str) -> list[str]:
    """The names of all failed units. OSError when no systemd runs, answers, or lets this user ask."""
    line = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC)
    try:
        line.settimeout(_TIMEOUT)
        line.connect(root + _SOCKET)
        line.sendall(b"\0AUTH EXTERNAL %s\r\nBEGIN\r\n" % str(os.geteuid()).encode().hex().encode())
        _login(line)
        line.sendall(request())
        for _ in range(_MAX_SIGNALS):
            kind, order, body = _message(line)
            if kind == _ANSWER:
                return parse(body, order)
            if kind == _ERROR:
                break
    finally:
        line.close()
    raise OSError("systemd did not tell its units")


def request() -> bytes:
    """The call ListUnitsFiltered(["failed"]), little-endian, serial number 1."""
    states = _string(b"failed")
    body = len(states).to_bytes(4, "little") + states
    fields = b""
    for code, kind, value in _FIELDS:
        fields = _padded(fields) + bytes([code, 1]) + kind + b"\0" + _string(value)
    fields = _padded(fields) + b"\x08\x01g\0" + b"\x02as\0"  # the body's signature
    sizes = b"".join(number.to_bytes(4, "little") for number in (len(body), 1, len(fields)))
    return _padded(b"l" + bytes([_CALL, 0, 1]) + sizes + fields) + body


def parse(body: bytes, order: Order = "little") -> list[str]:
    """Names out of an array of units, signature a(ssssssouso). OSError for what is none."""
    try:
        end = 8 + _number(body, 0, order)
        if end > len(body):
            raise ValueError
        names, offset = [], 8
        while offset < end:
            offset = _aligned(offset, 8)
            for index in range(_STRINGS_IN_FRONT + 1):
                text, offset = _take(body, offset, order)
                if not index:
                    names.append(text.decode("utf-8", "replace"))
            offset = _aligned(offset, 4) + 4  # the number of its job
            for _ in ("kind of the job", "object of the job"):
                _, offset = _take(body, offset, order)
        return names
    except ValueError:
        raise OSError("systemd's answer is no list of units") from None


def _take(body: bytes, offset: int, order: Order) -> tuple[bytes, int]:
    """A string, and where it ends."""
    offset = _aligned(offset, 4)
    size = _number(body, offset, order)
    begin = offset + 4
    if begin + size >= len(body):
        raise ValueError
    return body[begin : begin + size], begin + size + 1


def _number(data: bytes, offset: int, order: Order) -> int:
    if offset + 4 > len(data):
        raise ValueError
    return int.from_bytes(data[offset : offset + 4], order)


def _login(line: socket) -> None:
    """systemd says OK, and an identity that does not matter here, to those who may ask."""
    answer = b""
    while not answer.endswith(b"\r\n"):
        byte = line.recv(1)  # what follows the line belongs to the messages
        if not byte or len(answer) > 256:
            raise OSError("systemd hung up")
        answer += byte
    if not answer.startswith(b"OK"):
        raise PermissionError("systemd does not let this user ask")


def _message(line: socket) -> tuple[int, Order, bytes]:
    """(kind, byte order, body) of the next one."""
    head = _exactly(line, 16)
    order: Order = "little" if head[:1] == b"l" else "big"
    body_size, fields_size = _number(head, 4, order), _aligned(_number(head, 12, order), 8)
    if body_size + fields_size > _MAX_MESSAGE:
        raise OSError("systemd's answer is too long")
    return head[1], order, _exactly(line, fields_size + body_size)[fields_size:]


def _exactly(line: socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = line.recv(size - len(data))
        if not more:
            raise OSError("systemd hung up")
        data += more
    return data


def _string(value: bytes) -> bytes:
    return len(value).to_bytes(4, "little") + value + b"\0"


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 8)


def _aligned(offset: int, to: int) -> int:
    return offset + -offset % to

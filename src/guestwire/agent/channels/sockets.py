"""What the listening channels share: a listener that takes one host at a time, and a line over a socket.

Works on `_socket`, the C half of `socket`: importing the other half takes longer than the agent's whole start.
"""

from __future__ import annotations

import _socket
import errno
import os
import select
import time

from guestwire.agent.channels.base import Channel, Line
from guestwire.errors import StartError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guestwire.agent.channels.base import Buffer

READ_BYTES = 256 * 1024
_GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL
# What accept(2) may report about the host or the moment, not about the listener.
_PASSING = (errno.ECONNABORTED, errno.EPERM, errno.EPROTO, errno.EAGAIN)
_SHORT = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class SocketLine(Line):
    """A connected stream socket in blocking mode: one system call a read, one a write."""

    def __init__(self, sock: _socket.socket) -> None:
        self._socket = sock
        # A buffer of its own: a large one for each read would be mapped and unmapped by malloc every time.
        self._view = memoryview(bytearray(READ_BYTES))
        self._recv_into = sock.recv_into

    def read(self) -> bytes:
        """See `Line`. A host that leaves with an answer unread (ECONNRESET) is simply gone."""
        try:
            return bytes(self._view[: self._recv_into(self._view)])
        except OSError:
            return b""

    def write(self, *buffers: Buffer) -> bool:
        """See `Line`."""
        try:
            if len(buffers) == 1:
                self._socket.sendall(buffers[0])
                return True
            sent = self._socket.sendmsg(buffers)
            for buffer in buffers:
                size = len(buffer)
                if sent < size:  # a signal cut the call short
                    self._socket.sendall(memoryview(buffer)[sent:])
                sent = max(sent - size, 0)
        except OSError:
            return False
        return True

    def gone(self) -> bool:
        """See `Line`."""
        poller = select.poll()
        poller.register(self._socket.fileno(), 0)
        return any(event & _GONE for _, event in poller.poll(0))

    def close(self) -> None:
        """See `Line`."""
        try:
            self._socket.shutdown(_socket.SHUT_RDWR)
        except OSError:
            pass  # the host was faster
        self._socket.close()


class ListenChannel(Channel):
    """A listening stream socket. Hosts come one after the other; the next one waits in the backlog."""

    def __init__(self) -> None:
        self._listener: _socket.socket | None = None

    def accept(self) -> SocketLine:
        """See `Channel`."""
        listener = self._listener
        assert listener is not None, "open() comes first"
        while True:
            try:
                fd, _ = listener._accept()  # type: ignore[attr-defined]
            except OSError as error:
                if error.errno in _SHORT:
                    time.sleep(0.1)
                elif error.errno not in _PASSING:
                    raise StartError(f"cannot wait for hosts: {os.strerror(error.errno or 0)}") from None
                continue
            sock = _socket.socket(listener.family, listener.type, listener.proto, fd)
            sock.setblocking(True)
            return SocketLine(sock)

    def close(self) -> None:
        """See `Channel`."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

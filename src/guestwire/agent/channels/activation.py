"""A listening socket handed over by the service manager (systemd's LISTEN_PID and LISTEN_FDS)."""

from __future__ import annotations

import _socket
import os

from guestwire.agent.channels.sockets import ListenChannel
from guestwire.errors import StartError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableMapping

_FIRST_FD = 3


def take(environ: MutableMapping[str, str], pid: int | None = None) -> int:
    """How many sockets were handed to this very process. Removes the variables, children must not see them."""
    wanted = environ.pop("LISTEN_PID", "")
    count = environ.pop("LISTEN_FDS", "")
    environ.pop("LISTEN_FDNAMES", None)
    if wanted != str(os.getpid() if pid is None else pid) or not (count.isascii() and count.isdigit()):
        return 0
    return int(count[:9])


def method_of(count: int, fd: int = _FIRST_FD) -> str | None:
    """The method that a handed-over socket stands for, None for no socket. StartError for one of no use."""
    if count == 0:
        return None
    if count > 1:
        raise StartError(
            f"socket activation: {count} sockets were handed over, the agent listens on one only"
        )
    try:
        sock = _socket.socket(fileno=os.dup(fd))
    except OSError:
        raise StartError(f"socket activation: unsupported listen fd type: fd {fd} is not a socket") from None
    vsock = getattr(_socket, "AF_VSOCK", None)
    family, kind = sock.family, sock.type
    sock.close()
    if family == _socket.AF_UNIX and kind == _socket.SOCK_STREAM:
        return "unix-listen"
    if vsock is not None and family == vsock and kind == _socket.SOCK_STREAM:
        return "vsock-listen"
    raise StartError("socket activation: unsupported listen fd type: use a stream socket of unix or vsock")


class Activated(ListenChannel):
    """Takes over the listening descriptor `fd`."""

    def __init__(self, fd: int = _FIRST_FD) -> None:
        super().__init__()
        self._fd = fd

    def open(self) -> None:
        """See `Channel`."""
        os.set_inheritable(self._fd, False)
        listener = _socket.socket(fileno=self._fd)
        listener.setblocking(True)  # systemd hands sockets over in non-blocking mode
        self._listener = listener

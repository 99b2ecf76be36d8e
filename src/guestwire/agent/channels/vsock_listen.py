"""`vsock-listen`: the host connects to this guest's context id and a port, with no device to configure."""

from __future__ import annotations

import _socket
import os

from guestwire.agent.channels.sockets import ListenChannel
from guestwire.errors import StartError

_U32 = 2**32


def parse_address(path: str) -> tuple[int, int]:
    """`CID:PORT` as two numbers of 32 bits; -1 stands for any. StartError for anything else."""
    cid, colon, port = path.partition(":")
    numbers = [_number(cid), _number(port)]
    if not colon or None in numbers:
        raise StartError(f"vsock-listen wants CID:PORT, not '{path}'; 4294967295 as CID means this guest")
    return numbers[0] or 0, numbers[1] or 0


def _number(text: str) -> int | None:
    if text == "-1":
        return _U32 - 1
    if not (text.isascii() and text.isdigit()) or len(text) > 10:
        return None
    number = int(text)
    return number if number < _U32 else None


class VsockListen(ListenChannel):
    """Listens on `path`, which is `CID:PORT`."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def open(self) -> None:
        """See `Channel`."""
        address = parse_address(self.path)
        family = getattr(_socket, "AF_VSOCK", None)
        if family is None:
            raise StartError("this Python has no AF_VSOCK: choose another --method")
        listener = None
        try:
            listener = _socket.socket(family, _socket.SOCK_STREAM)
            listener.bind(address)
            listener.listen(1)
        except OSError as error:
            if listener is not None:
                listener.close()
            reason = os.strerror(error.errno or 0)
            raise StartError(f"cannot listen on vsock {self.path}: {reason}") from None
        self._listener = listener

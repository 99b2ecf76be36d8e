"""`unix-listen`: hosts, or test programs, connect to a socket in the file system."""

from __future__ import annotations

import _socket
import errno
import os
import stat

from guestwire.agent.channels.sockets import ListenChannel
from guestwire.errors import StartError


class UnixListen(ListenChannel):
    """Listens on `path`. A socket left behind is replaced, one in use or any other file never."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def open(self) -> None:
        """See `Channel`."""
        self._clear_path()
        listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        try:
            listener.bind(self.path)
            listener.listen(1)
        except OSError as error:
            listener.close()
            # "AF_UNIX path too long" comes from Python, without a number.
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise StartError(f"cannot listen on {self.path}: {reason}") from None
        self._listener = listener

    def _clear_path(self) -> None:
        try:
            mode = os.lstat(self.path).st_mode
        except OSError:
            return  # not there; any other fault shows when it is bound
        if not stat.S_ISSOCK(mode):
            raise StartError(
                f"cannot listen on {self.path}: it is there and not a socket; remove it or use --path"
            )
        if self._in_use():
            raise StartError(
                f"cannot listen on {self.path}: another process listens there; stop it or use --path"
            )
        try:
            os.unlink(self.path)
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise StartError(f"cannot replace the old socket {self.path}: {reason}") from None

    def _in_use(self) -> bool:
        probe = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        try:
            probe.setblocking(False)
            probe.connect(self.path)
        except OSError as error:
            # Only a refused connection proves that nobody is there: EAGAIN is a full backlog.
            return error.errno not in (errno.ECONNREFUSED, errno.ENOENT)
        finally:
            probe.close()
        return True

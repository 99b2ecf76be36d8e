"""Running in the background: the pid file, and leaving the terminal."""

from __future__ import annotations

import os

from guestwire.errors import StartError

_OK = b"ok"


class PidFile:
    """`PID` and a newline in `path`, locked with fcntl for as long as this process lives.

    The lock, not the file, is what keeps a second agent away: it ends with the process, however that ends.
    """

    def __init__(self, path: str) -> None:
        self.path = os.path.abspath(path)
        self._fd = -1

    def claim(self) -> None:
        """Lock the file and write it. StartError if another process has it, or it cannot be written."""
        try:
            while self._fd < 0:
                self._fd = self._try()
            os.ftruncate(self._fd, 0)
            os.write(self._fd, b"%d\n" % os.getpid())
        except BlockingIOError:
            raise StartError(
                f"another agent{self._owner()} has the pid file {self.path}: stop it or use --pidfile"
            ) from None
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise StartError(f"cannot write pid file {self.path}: {reason}; use --pidfile") from None

    def release(self) -> None:
        """Remove the file if this process has it."""
        if self._fd >= 0:
            try:
                os.unlink(self.path)
            except OSError:
                pass
            os.close(self._fd)
            self._fd = -1

    def _try(self) -> int:
        """A locked descriptor, or -1 when the file was replaced under it meanwhile."""
        import fcntl

        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine, there = os.fstat(fd), os.stat(self.path)
            if (mine.st_dev, mine.st_ino) == (there.st_dev, there.st_ino):
                return fd
        except FileNotFoundError:
            pass  # its owner ended in between
        except OSError:
            os.close(fd)
            raise
        os.close(fd)
        return -1

    def _owner(self) -> str:
        try:
            with open(self.path, "rb") as file:
                text = file.read(20).decode("ascii", "replace").strip()
        except OSError:
            text = ""
        return f" (process {text})" if text.isdigit() else ""


def daemonize(pidfile: PidFile, claim: bool = True) -> None:
    """Go on in a child that is nobody's: own session, in /, without terminal, files made for the owner only.

    The parent leaves with status 0 once the child has the pid file; otherwise it raises the child's StartError.
    `claim` is false while filesystems are frozen: then the pid file has to wait for the thaw.
    """
    receiver, sender = os.pipe()
    if os.fork():
        os.close(sender)
        _await_child(receiver)
    os.close(receiver)
    os.umask(0o077)
    os.setsid()
    try:
        if claim:
            pidfile.claim()
    except StartError as error:
        os.write(sender, str(error).encode("utf-8", "surrogateescape"))
        os._exit(1)
    os.chdir("/")
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    if null > 2:
        os.close(null)
    os.write(sender, _OK)
    os.close(sender)


def _await_child(receiver: int) -> None:
    """In the parent: leave as the child tells. Does not return but by StartError."""
    with open(receiver, "rb") as pipe:
        told = pipe.read()
    if told == _OK:
        os._exit(0)
    raise StartError(
        told.decode("utf-8", "surrogateescape") or "the background process ended while it started"
    )

"""Where the agent's messages go: stderr, a log file or the journal; and calls, for the record, to syslog(3).

A log must never stop the agent: a full disk, a reader that is gone or one that does not read costs the line,
nothing else. While filesystems are frozen nothing is written; the lines are kept and written after the thaw.
"""

from __future__ import annotations

import os
import select
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# GLib's names of the levels, which are in each line, and syslog's numbers for them.
_PRIORITY = {"error": 3, "critical": 3, "warning": 4, "message": 5, "info": 6, "debug": 7}
_USER_INFO = 1 << 3 | 6  # syslog's facility "user", level "info"
_SYSLOG_SOCKETS = ("/dev/log", "/var/run/log", "/var/run/syslog")
_PIPE_BUF = 4096  # a pipe that polls writable takes this much without blocking
_KEPT = 256  # lines kept while suspended


class Log:
    """Levels as in GLib. `account` is the record of calls in syslog(3).

    `fd` is where lines go (2 until `open_file`); `name` is the program's name in syslog.
    """

    def __init__(
        self,
        verbose: bool = False,
        name: str = "guestwire-agent",
        fd: int = 2,
        environ: Mapping[str, str] | None = None,
        syslog: tuple[str, ...] = _SYSLOG_SOCKETS,
    ) -> None:
        self.verbose = verbose
        self._name = name
        self._fd = fd
        self._journal = _is_journal(fd, os.environ if environ is None else environ)
        self._syslog = syslog
        self._suspended = False
        self._kept: list[bytes] = []

    @property
    def suspended(self) -> bool:
        """True while frozen: nothing is written. Setting it to False writes what was kept meanwhile."""
        return self._suspended

    @suspended.setter
    def suspended(self, value: bool) -> None:
        self._suspended = value
        if not value:
            kept, self._kept = self._kept, []
            for line in kept:
                self._put(line)

    def open_file(self, path: str) -> None:
        """Append to `path` from now on. OSError if it cannot be opened."""
        flags = (
            os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_NONBLOCK", 0)
        )
        self._fd = os.open(path, flags, 0o600)  # Python opens close-on-exec
        self._journal = False

    def error(self, message: str) -> None:
        """The agent cannot do its work."""
        self._line("critical", message)

    def warning(self, message: str) -> None:
        """Something is wrong but the agent goes on."""
        self._line("warning", message)

    def info(self, message: str) -> None:
        """Shown with --verbose only."""
        if self.verbose:
            self._line("info", message)

    def debug(self, message: str) -> None:
        """Shown with --verbose only."""
        if self.verbose:
            self._line("debug", message)

    def account(self, message: str) -> None:
        """One line to syslog(3) for a call that changes the guest; never written while frozen.

        Sent by hand because syslog(3) itself waits for a journal that does not read.
        """
        if self._suspended or not self._syslog:
            return
        if not hasattr(os, "getuid"):  # Windows has an event log instead
            from guestwire.agent.system.windows import eventlog

            eventlog.report(self._name, _one_line(message))
            return
        import _socket

        stamp = time.strftime("%b %e %H:%M:%S")
        line = f"<{_USER_INFO}>{stamp} {self._name}[{os.getpid()}]: info: {_one_line(message)}"
        data = line.encode("utf-8", "backslashreplace")[:_PIPE_BUF]
        try:
            sock = _socket.socket(_socket.AF_UNIX, _socket.SOCK_DGRAM)
        except OSError:
            return
        try:
            sock.setblocking(False)
            for path in self._syslog:
                try:
                    sock.sendto(data, path)
                    return
                except OSError:
                    continue
        finally:
            sock.close()

    def _line(self, level: str, message: str) -> None:
        text = _one_line(message)
        if self._journal:
            line = f"<{_PRIORITY[level]}>{level}: {text}\n"
        else:
            micros = time.time_ns() // 1000
            line = f"{micros // 1000000}.{micros % 1000000:06}: {level}: {text}\n"
        data = line.encode("utf-8", "backslashreplace")
        if not self._suspended:
            self._put(data)
        elif len(self._kept) < _KEPT:
            self._kept.append(data)

    def _put(self, data: bytes) -> None:
        try:
            while data and _writable(self._fd):
                data = data[os.write(self._fd, data[:_PIPE_BUF]) :]
        except OSError:
            pass  # nobody is left to tell


def _writable(fd: int) -> bool:
    poll = getattr(select, "poll", None)
    if poll is None:  # Windows: files only, which are always writable
        return True
    poller = poll()
    poller.register(fd, select.POLLOUT)
    return any(event & select.POLLOUT for _, event in poller.poll(0))


def _one_line(message: str) -> str:
    """The message without control characters: a host's text must not look like a line of its own."""
    if message.isprintable():
        return message
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in message)


def _is_journal(fd: int, environ: Mapping[str, str]) -> bool:
    """Whether `fd` is the stream that systemd connected to the journal."""
    device, _, inode = environ.get("JOURNAL_STREAM", "").partition(":")
    if not inode:
        return False
    try:
        status = os.fstat(fd)
    except OSError:
        return False
    return (device, inode) == (str(status.st_dev), str(status.st_ino))

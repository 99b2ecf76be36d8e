"""A child process of the agent: its end, asked for without disturbing the agent's other children."""

from __future__ import annotations

import os
import select


class Child:
    """The process `pid`, which is a child that nobody else waits for."""

    __slots__ = ("pid",)

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def collect(self) -> tuple[str, int] | None:
        """("exitcode", N) or ("signal", N); None while it runs, also when it is stopped.

        ("", 0) when the kernel kept no status, as when the agent was started with SIGCHLD ignored.
        """
        try:
            found, status = os.waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:
            return "", 0
        if not found:
            return None
        if os.WIFSIGNALED(status):
            return "signal", os.WTERMSIG(status)
        return "exitcode", os.WEXITSTATUS(status)

    def wait(self, seconds: float) -> None:
        """Until it has ended, `seconds` at most; at once where the kernel has no pidfd (before Linux 5.3)."""
        fd = pidfd(self.pid)
        if fd < 0:
            return
        try:
            poll = select.poll()
            poll.register(fd, select.POLLIN)
            poll.poll(max(0, int(seconds * 1000)))
        finally:
            os.close(fd)


def pidfd(pid: int) -> int:
    """A descriptor that becomes readable when the process ends; -1 where the kernel or Python has none."""
    try:
        return os.pidfd_open(pid)
    except (OSError, AttributeError):
        return -1

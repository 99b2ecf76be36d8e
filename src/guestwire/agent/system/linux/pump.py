"""Moves bytes between the agent and its children's pipes, in one background thread for all of them.

The thread is there only while a pipe is open. It waits in epoll, to which other threads may add at any time.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
from _thread import allocate_lock, start_new_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Sink(Protocol):
        """Where the bytes of a pipe go."""

        def write(self, piece: memoryview) -> None:
            """Take `piece`, which is valid only during the call."""

        def close(self) -> None:
            """The pipe has come to its end."""


# A pipe's size in the kernel, and the most that is read at once: few wake-ups for much output.
PIPE_SIZE = 1024 * 1024
_F_SETPIPE_SZ = 1031  # linux/fcntl.h; fcntl.F_SETPIPE_SZ only from Python 3.10 on
# Bytes that all children together may leave unread of their input.
SUPPLY_LIMIT = 256 * 1024 * 1024


class Pump:
    """`collect` and `supply` may be called from any thread; the pipe then belongs to the pump."""

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._epoll: select.epoll | None = None  # not None while the thread runs
        self._sinks: dict[int, Sink] = {}
        self._supplies: dict[int, memoryview] = {}

    def collect(self, fd: int, sink: Sink) -> None:
        """Read the pipe `fd` into `sink` until its end, and close it. OSError when there can be no thread."""
        with self._lock:
            self._sinks[fd] = sink
            self._watch(fd, select.EPOLLIN)

    def supply(self, fd: int, data: bytes) -> None:
        """Write `data` to the pipe `fd`, and close it; a reader that goes away loses what is left.

        What fits into the pipe is written at once, without the thread. OSError (ENOBUFS) when too much
        waits to be read already, or when there can be no thread.
        """
        os.set_blocking(fd, False)
        rest = _write(fd, memoryview(data))
        with self._lock:
            if not rest:
                os.close(fd)
                return
            self._supplies[fd] = rest
            if sum(map(len, self._supplies.values())) > SUPPLY_LIMIT:
                self._drop(fd)
                raise OSError(errno.ENOBUFS, os.strerror(errno.ENOBUFS))
            self._watch(fd, select.EPOLLOUT)

    def _watch(self, fd: int, events: int) -> None:
        """Add to epoll; on failure the pipe is closed and forgotten."""
        try:
            if self._epoll is None:
                self._start()
            assert self._epoll is not None
            self._epoll.register(fd, events)
        except OSError:
            self._drop(fd)
            raise

    def _start(self) -> None:
        self._epoll = select.epoll()
        try:
            start_new_thread(self._run, (self._epoll,))
        except RuntimeError as error:
            self._epoll.close()
            self._epoll = None
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from error

    def _run(self, epoll: select.epoll) -> None:
        buffer = memoryview(bytearray(PIPE_SIZE))
        while True:
            for fd, _ in epoll.poll():
                if fd in self._sinks:
                    done = self._read(fd, buffer)
                else:
                    self._supplies[fd] = rest = _write(fd, self._supplies[fd])
                    done = not rest
                if done:
                    epoll.unregister(fd)
                    self._finish(fd)
            with self._lock:
                if not self._sinks and not self._supplies:
                    self._epoll = None
                    epoll.close()
                    return

    def _read(self, fd: int, buffer: memoryview) -> bool:
        """True at the end of the pipe. It was readable, so this does not wait."""
        try:
            count = os.readv(fd, [buffer])
            self._sinks[fd].write(buffer[:count])
        except (OSError, MemoryError):
            return True
        return count == 0

    def _finish(self, fd: int) -> None:
        with self._lock:
            sink = self._sinks.get(fd)
            self._drop(fd)
        if sink is not None:
            sink.close()

    def _drop(self, fd: int) -> None:
        os.close(fd)
        self._sinks.pop(fd, None)
        self._supplies.pop(fd, None)


def _write(fd: int, data: memoryview) -> memoryview:
    """Write what the pipe takes now; what is left, which is nothing once the reader has gone."""
    try:
        while data:
            data = data[os.write(fd, data) :]
    except BlockingIOError:
        return data
    except OSError:
        return data[:0]
    return data


def enlarge(fd: int) -> None:
    """Give a pipe `PIPE_SIZE` bytes in the kernel, if this user may have that much."""
    try:
        fcntl.fcntl(fd, _F_SETPIPE_SZ, PIPE_SIZE)
    except OSError:
        pass

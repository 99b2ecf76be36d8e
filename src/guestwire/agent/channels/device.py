"""What the serial devices share: open and reopen, waiting for a host without using the CPU, and a line."""

from __future__ import annotations

import errno
import os
import select
import time

from guestwire.agent.channels.base import Channel, Line
from guestwire.errors import StartError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guestwire.agent.channels.base import Buffer
    from guestwire.agent.log import Log

_READ = 64 * 1024
_PIECE = 32 * 1024  # the kernel takes no more in one write on a virtio port
_REOPEN = 1.0  # seconds between two tries to open a missing device
_IN_USE = (errno.EBUSY, errno.EAGAIN)
_NAP = 0.02  # seconds; doubled up to the next value while no host is there
_LONGEST_NAP = 0.25
_SETTLING = 1.0  # seconds in which a host whose first bytes are here may still look as if it had gone


class DeviceLine(Line):
    """A non-blocking descriptor of a character device, read first and polled only when it has nothing."""

    def __init__(self, fd: int, first: bytes = b"") -> None:
        self._fd = fd
        self._first = first
        self._ended = False
        # A host's first bytes may be here before the kernel has seen it connect: data and events travel in different
        # queues of the device. For so long its port still looks abandoned.
        self._settles_at = time.monotonic() + _SETTLING if first else 0.0
        self._poller = select.poll()
        self._poller.register(fd, select.POLLIN)
        self.lost = False  # True when the device itself, not just the host, has gone

    def read(self) -> bytes:
        """See `Line`."""
        if self._first:
            data, self._first = self._first, b""
            return data
        while not self._ended:
            try:
                data = os.read(self._fd, _READ)
                if data or not self._settling():
                    return data
            except BlockingIOError:
                self._settles_at = 0.0
                self._poller.poll()
            except OSError:  # EIO, ENODEV, ENXIO: unplugged
                self.lost = True
                break
        return b""

    def write(self, *buffers: Buffer) -> bool:
        """See `Line`. The host's going shows as POLLHUP: what it has not read then is dropped, not kept."""
        rest = memoryview(buffers[0] if len(buffers) == 1 else b"".join(buffers))
        while rest:
            try:
                rest = rest[os.write(self._fd, rest[:_PIECE]) :]
            except BlockingIOError:
                if not self._writable() and not self._settling():
                    return False
            except OSError:
                return False
        return True

    def _settling(self) -> bool:
        """Whether a host that seems gone may only not have been seen yet; waits a moment if so."""
        if time.monotonic() >= self._settles_at:
            return False
        time.sleep(_NAP)
        return True

    def _writable(self) -> bool:
        poller = select.poll()
        poller.register(self._fd, select.POLLOUT)
        return all(event == select.POLLOUT for _, event in poller.poll())

    def gone(self) -> bool:
        """See `Line`."""
        poller = select.poll()
        poller.register(self._fd, 0)
        return self._ended or bool(poller.poll(0))

    def close(self) -> None:
        """See `Line`. The descriptor belongs to the channel and stays open for the next host."""
        self._ended = True


class DeviceChannel(Channel):
    """A character device at `path`. With `retry` it is waited for and survives being unplugged."""

    def __init__(self, path: str, retry: bool, log: Log) -> None:
        self.path = path
        self._retry = retry
        self._log = log
        self._fd = -1
        self._line: DeviceLine | None = None

    def open_device(self) -> int:
        """Open and set up the device; OSError if that fails."""
        raise NotImplementedError

    def ends_with_host(self) -> bool:
        """Whether an end of file means only that the host went, and the descriptor is still good."""
        raise NotImplementedError

    def open(self) -> None:
        """See `Channel`. A missing device is no error when it is to be waited for."""
        try:
            self._fd = self.open_device()
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            if error.errno in _IN_USE:
                raise StartError(f"cannot open {self.path}: another agent uses it; stop it first") from None
            if not self._retry:
                raise StartError(
                    f"cannot open {self.path}: {reason}; give the guest that device, choose another with"
                    " --path, or let the agent wait for it with --retry-path"
                ) from None
            self._log.warning(f"waiting for {self.path}: {reason}")

    def accept(self) -> DeviceLine:
        """See `Channel`."""
        if self._line is not None and (self._line.lost or not self.ends_with_host()):
            self._drop()
        while True:
            while self._fd < 0:
                time.sleep(_REOPEN)
                self._reopen()
            line = self._wait_for_host()
            if line is not None:
                self._line = line
                return line
            self._drop()

    def close(self) -> None:
        """See `Channel`."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _drop(self) -> None:
        """Give the device up; it comes back by opening it anew."""
        lost = self._line is not None and self._line.lost
        self._line = None
        self.close()
        if lost and not self._retry:
            raise StartError(f"{self.path} went away; start the agent anew or with --retry-path")
        self._log.info(f"{self.path} closed, opening it again")

    def _reopen(self) -> None:
        try:
            self._fd = self.open_device()
        except OSError as error:
            if not self._retry:
                raise StartError(f"cannot reopen {self.path}: {os.strerror(error.errno or 0)}") from None
        else:
            self._log.info(f"opened {self.path}")

    def _wait_for_host(self) -> DeviceLine | None:
        """A line as soon as a host is there; None when the device must be opened anew.

        With no host connected a virtio port reads as ended and polls as readable at once, so neither can be
        waited on. An edge-triggered epoll can: the port wakes its waiters when the host connects.
        """
        watch = _edge_of(self._fd)
        nap = _NAP
        try:
            while True:
                try:
                    data = os.read(self._fd, _READ)
                except BlockingIOError:
                    return DeviceLine(self._fd)
                except OSError:
                    self._line = DeviceLine(self._fd)
                    self._line.lost = True
                    return None
                if data:
                    return DeviceLine(self._fd, data)
                if not self.ends_with_host():
                    return None
                if watch is None:
                    time.sleep(nap)
                else:
                    watch.poll(nap)
                nap = min(nap * 2, _LONGEST_NAP)
        finally:
            if watch is not None:
                watch.close()


def _edge_of(fd: int) -> select.epoll | None:
    """An epoll that reports changes of `fd` only; None where the system or the kind of file has none."""
    if not hasattr(select, "epoll"):
        return None
    watch = select.epoll()
    try:
        watch.register(fd, select.EPOLLIN | select.EPOLLET)
    except OSError:
        watch.close()
        return None
    return watch

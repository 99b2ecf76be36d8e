"""A stream socket, blocking.

The kernel does the waiting, by SO_RCVTIMEO and SO_SNDTIMEO: Python's own time-outs cost a poll() for every read, a
third of a round trip. The options are set anew only when the patience changes; a read that ends early by an older,
shorter one goes on for the rest.
"""

from __future__ import annotations

import socket
import struct
import time
from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING

from guestwire.client.transports.base import drain
from guestwire.client.transports.polling import SPAN, Polling

if TYPE_CHECKING:
    from guestwire.client.transports.base import Endpoint

_SMALL = 64 << 10
_FIRST = 4 << 10
_LARGE = 1 << 20
_SLACK = 0.02  # seconds that a read may overstay, so that equal time-outs need one setsockopt, not one a call


class StreamTransport:
    """One connection to `endpoint`."""

    max_request = 48 << 20
    max_answer = 64 << 20

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._socket: socket.socket | None = None
        self._read_size = _FIRST
        self._patience = inf
        self._polling = Polling()

    def open(self, timeout: float) -> None:
        """Connect to the first candidate that answers."""
        trouble: OSError = ConnectionError("the host has no address")
        for family, place in self._endpoint.candidates():
            sock = socket.socket(family, socket.SOCK_STREAM)
            try:
                self._endpoint.prepare(sock)
                sock.settimeout(None if timeout == inf else max(timeout, 0.001))
                sock.connect(place)  # type: ignore[arg-type]
                sock.settimeout(None)
            except OSError as error:
                sock.close()
                trouble = error
            else:
                self._socket, self._patience, self._read_size = sock, inf, _FIRST
                return
        try:
            raise trouble
        finally:
            del trouble  # it would keep this frame, and with it the channel, alive

    def write(self, data: bytes, timeout: float) -> None:
        """Write all of `data`; a reader that takes it in drips does not get more time for that."""
        sock = self._socket
        if sock is None:
            raise ConnectionError("the channel is not open")
        if len(data) <= _SMALL:
            try:
                sent = sock.send(data, socket.MSG_DONTWAIT)
            except BlockingIOError:
                sent = 0
            if sent == len(data):
                return
            data = data[sent:]
        ends = time.monotonic() + timeout
        rest = memoryview(data)
        while rest:
            left = ends - time.monotonic()
            if left <= 0:
                raise TimeoutError("the guest does not read")
            _set_patience(sock, socket.SO_SNDTIMEO, left)
            with suppress(BlockingIOError):
                rest = rest[sock.send(rest) :]

    def read(self, timeout: float) -> bytes:
        """Return what is there. The size asked for grows while reads come back full."""
        sock = self._socket
        if sock is None:
            raise ConnectionError("the channel is not open")
        if timeout <= 0:
            raise TimeoutError
        data = self._poll(sock) if self._polling.worth_it() else None
        if data is None:
            data = self._wait(sock, timeout)
        if not data:
            raise ConnectionError("the other end closed the channel")
        if len(data) == self._read_size:
            self._read_size = min(2 * self._read_size, _LARGE)
        return data

    def _poll(self, sock: socket.socket) -> bytes | None:
        """What arrives within `SPAN`."""
        receive, size, clock = sock.recv, self._read_size, time.monotonic
        ends = clock() + SPAN
        while True:
            try:
                data = receive(size, socket.MSG_DONTWAIT)
            except BlockingIOError:
                if clock() < ends:
                    continue
                data = None
            self._polling.ended(clock() < ends)
            return data

    def _wait(self, sock: socket.socket, timeout: float) -> bytes:
        """What arrives within `timeout` seconds; the kernel keeps the time."""
        if timeout < self._patience - _SLACK:
            self._be_patient(sock, timeout)
        try:
            return sock.recv(self._read_size)
        except BlockingIOError:
            left = timeout - self._patience
            if left <= _SLACK:
                raise TimeoutError from None
            self._be_patient(sock, left)
            return self._wait(sock, left)

    def _be_patient(self, sock: socket.socket, timeout: float) -> None:
        self._patience = timeout
        _set_patience(sock, socket.SO_RCVTIMEO, timeout)

    def close(self) -> None:
        """Close; harmless when not open."""
        sock, self._socket = self._socket, None
        if sock is None:
            return
        drain(sock)
        sock.close()

    def interrupt(self) -> None:
        """See `Transport`. The socket stays open, but nothing goes through it any more."""
        sock = self._socket
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def waiting_behind(self) -> bool | None:
        """See `Limits`."""
        return None if self._socket is None else self._endpoint.waiting_behind(self._socket)


def _set_patience(sock: socket.socket, option: int, seconds: float) -> None:
    whole, part = (0, 0) if seconds == inf else divmod(max(round(seconds * 1e6), 1), 1_000_000)
    sock.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", int(whole), int(part)))

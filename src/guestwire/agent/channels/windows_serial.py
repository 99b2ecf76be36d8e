r"""Serial devices of Windows: a virtio port (`\\.\Global\org.qemu.guest_agent.0`) or a COM port, with overlapped I/O.

A handle that was not opened for overlapped I/O carries one call at a time: a write would wait until the host sends
something. `_winapi` is the C module under `subprocess`; ctypes, whose import takes longer, is for COM ports only.
"""

from __future__ import annotations

import time

from guestwire.agent.channels.base import Channel, Line
from guestwire.errors import StartError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guestwire.agent.channels.base import Buffer
    from guestwire.agent.log import Log

_READ = 64 * 1024
_PIECE = 32 * 1024  # what a virtio port takes in one write
_SMALL = 4 * _PIECE  # buffers up to this size together are sent as one
_REOPEN = 1.0  # seconds between two tries to open a missing device
_NAP = 0.02  # seconds; doubled up to the next value while no host is there
_LONGEST_NAP = 0.25

_GENERIC_READ_WRITE = 0xC0000000
_OPEN_EXISTING = 3
_FILE_FLAG_OVERLAPPED = 0x40000000
_ERROR_OPERATION_ABORTED = 995
# What a read of a COM port ends with under Wine when it stood still while an answer was written; Windows' goes on.
_ERROR_TIMEOUT = 1460
# What a virtio port reports while no host is connected: the port itself is fine.
_NO_HOST = (1450, 21)  # ERROR_NO_SYSTEM_RESOURCES, ERROR_NOT_READY


def device_path(path: str) -> str:
    r"""The name under which CreateFile finds any COM port: `COM10` and above need the prefix `\\.\`."""
    return "\\\\.\\" + path if path[:3].upper() == "COM" and path[3:].isdigit() else path


class SerialLine(Line):
    """One talk over the open device `handle`; `winapi` is the module `_winapi`."""

    def __init__(self, winapi: Any, handle: int, first: bytes = b"") -> None:
        self._winapi = winapi
        self._handle = handle
        self._first = first
        self._reading: Any = None
        self._ended = False
        self.lost = False  # True when the device itself, not just the host, has gone

    def read(self) -> bytes:
        """See `Line`."""
        if self._first:
            data, self._first = self._first, b""
            return data
        if self._ended:
            return b""
        while True:
            try:
                return self.read_now()
            except OSError as error:
                if winerror_of(error) == _ERROR_TIMEOUT and not self._ended:
                    continue
                self.lost = not self._ended and winerror_of(error) not in _NO_HOST
                return b""

    def read_now(self) -> bytes:
        """One read of the device, that waits for bytes. OSError as Windows tells it."""
        self._reading, _ = self._winapi.ReadFile(self._handle, _READ, overlapped=True)
        try:
            size, why = self._reading.GetOverlappedResult(True)
            return self._reading.getbuffer()[:size] if size and why != _ERROR_OPERATION_ABORTED else b""
        finally:
            self._reading = None

    def write(self, *buffers: Buffer) -> bool:
        """See `Line`."""
        if len(buffers) > 1 and sum(map(len, buffers)) <= _SMALL:
            buffers = (b"".join(buffers),)
        try:
            for buffer in buffers:
                view = memoryview(buffer)
                while view:
                    view = view[self._write_some(view[:_PIECE]) :]
        except OSError:
            return False
        return True

    def _write_some(self, view: memoryview) -> int:
        writing, _ = self._winapi.WriteFile(self._handle, view, overlapped=True)
        size, _ = writing.GetOverlappedResult(True)
        if not size:
            raise OSError("the device takes nothing")
        return int(size)

    def gone(self) -> bool:
        """See `Line`."""
        return self._ended or self.lost

    def close(self) -> None:
        """See `Line`. A read under way is cancelled."""
        self._ended = True
        reading = self._reading
        if reading is not None:
            try:
                reading.cancel()
            except OSError:
                pass  # it has come to its end meanwhile


class WindowsSerial(Channel):
    """Opens `path`. A COM port is `modem`: set up raw, and nothing on it tells whether a host is there."""

    def __init__(self, path: str, retry: bool, log: Log, *, modem: bool, winapi: Any = None) -> None:
        self.path = path
        self._retry = retry
        self._log = log
        self._modem = modem
        self._winapi = winapi
        self._handle: int | None = None
        self._line: SerialLine | None = None

    def open(self) -> None:
        """See `Channel`."""
        if self._winapi is None:
            import _winapi

            self._winapi = _winapi
        while True:
            try:
                self._handle = self._open_device()
                return
            except OSError as error:
                if not self._retry:
                    raise StartError(f"cannot open {self.path}: {_reason(error)}") from None
            time.sleep(_REOPEN)

    def accept(self) -> SerialLine:
        """See `Channel`."""
        if self._line is not None and self._line.lost:
            self._reopen()
        nap = _NAP
        while True:
            assert self._handle is not None, "open() comes first"
            line = SerialLine(self._winapi, self._handle)
            first = line.read()
            if first:
                self._line = SerialLine(self._winapi, self._handle, first)
                return self._line
            if line.lost:
                self._reopen()
            time.sleep(nap)
            nap = min(nap * 2, _LONGEST_NAP)

    def close(self) -> None:
        """See `Channel`."""
        if self._handle is not None:
            self._winapi.CloseHandle(self._handle)
            self._handle = None

    def _reopen(self) -> None:
        """Windows took the device away: a driver that was started anew makes another one under the same name."""
        if self._handle is None:
            raise StartError(f"{self.path} was closed")  # by the main thread, for the agent ends
        self._line = None
        self.close()
        self._log.info(f"{self.path} closed, opening it again")
        self.open()
        self._log.info(f"opened {self.path}")

    def _open_device(self) -> int:
        handle: int = self._winapi.CreateFile(
            device_path(self.path), _GENERIC_READ_WRITE, 0, 0, _OPEN_EXISTING, _FILE_FLAG_OVERLAPPED, 0
        )
        if self._modem:
            from guestwire.agent.system.windows.comport import make_raw

            try:
                make_raw(handle)
            except OSError:
                self._winapi.CloseHandle(handle)
                raise
        return handle


def winerror_of(error: OSError) -> int:
    """Windows' number for what went wrong; 0 where there is none."""
    return int(getattr(error, "winerror", None) or 0)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).rstrip(". \r\n")

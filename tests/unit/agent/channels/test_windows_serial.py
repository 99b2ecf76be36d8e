"""The serial channel of Windows over a `_winapi` that plays a script."""

from __future__ import annotations

from typing import Any

import pytest

from guestwire.agent.channels import windows_serial
from guestwire.agent.channels.windows_serial import SerialLine, WindowsSerial, device_path
from guestwire.agent.log import Log
from guestwire.errors import StartError


def windows_error(number: int) -> OSError:
    error = OSError(22, "It is gone.")
    error.winerror = number  # type: ignore[attr-defined]
    return error


class Overlapped:
    def __init__(self, outcome: Any) -> None:
        self.outcome = outcome
        self.cancelled = False

    def GetOverlappedResult(self, wait: bool) -> tuple[int, int]:
        assert wait
        if isinstance(self.outcome, OSError):
            raise self.outcome
        if isinstance(self.outcome, int):
            return self.outcome, 0
        return len(self.outcome), 0

    def getbuffer(self) -> bytes:
        return bytes(self.outcome) + b"\0rest of the buffer"

    def cancel(self) -> None:
        self.cancelled = True


class Winapi:
    """`reads` are told one after another; a write takes `step` bytes at most; `opens` may hold errors."""

    def __init__(self, *reads: Any, step: int = 1 << 20, opens: tuple[Any, ...] = ()) -> None:
        self.reads = list(reads)
        self.step = step
        self.opens = list(opens)
        self.opened: list[str] = []
        self.closed: list[int] = []
        self.written: list[bytes] = []

    def CreateFile(self, path: str, *_: Any) -> int:
        outcome = self.opens.pop(0) if self.opens else 7
        if isinstance(outcome, OSError):
            raise outcome
        self.opened.append(path)
        return int(outcome)

    def CloseHandle(self, handle: int) -> None:
        self.closed.append(handle)

    def ReadFile(self, handle: int, size: int, overlapped: bool) -> tuple[Overlapped, int]:
        outcome = self.reads.pop(0)
        if isinstance(outcome, OSError) and outcome.args[0] == 0:
            raise outcome
        return Overlapped(outcome), 0

    def WriteFile(self, handle: int, data: memoryview, overlapped: bool) -> tuple[Overlapped, int]:
        taken = bytes(data[: self.step])
        self.written.append(taken)
        return Overlapped(len(taken)), 0


def channel(winapi: Winapi, retry: bool = False) -> WindowsSerial:
    made = WindowsSerial(r"\\.\Global\port", retry, Log(), modem=False, winapi=winapi)
    made.open()
    return made


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows_serial.time, "sleep", lambda seconds: None)


@pytest.mark.parametrize(
    ("given", "device"),
    [
        ("COM1", r"\\.\COM1"),
        ("com12", r"\\.\com12"),
        (r"\\.\COM3", r"\\.\COM3"),
        (r"\\.\Global\org.qemu.guest_agent.0", r"\\.\Global\org.qemu.guest_agent.0"),
        ("COMMON", "COMMON"),
    ],
)
def test_the_name_of_a_device(given: str, device: str) -> None:
    assert device_path(given) == device


def test_reads_what_the_host_sends() -> None:
    line = SerialLine(Winapi(b"two"), 7, b"one")
    assert [line.read(), line.read()] == [b"one", b"two"]


def test_a_lost_device_ends_the_line() -> None:
    line = SerialLine(Winapi(windows_error(1617)), 7)
    assert line.read() == b""
    assert line.lost
    assert line.gone()


def test_a_read_that_timed_out_is_begun_again() -> None:
    """Wine ends a COM port's waiting read so while a long answer is being written; the device is as good as before."""
    winapi = Winapi(windows_error(1460), windows_error(1460), b"next")
    line = SerialLine(winapi, 7)
    assert line.read() == b"next"
    assert not line.gone()


def test_a_host_that_is_not_there_loses_no_device() -> None:
    line = SerialLine(Winapi(windows_error(1450)), 7)
    assert line.read() == b""
    assert not line.lost


def test_writes_are_whole_and_in_pieces_that_the_port_takes() -> None:
    winapi = Winapi(step=20_000)
    assert SerialLine(winapi, 7).write(b"a" * 50_000, b"b")
    assert b"".join(winapi.written) == b"a" * 50_000 + b"b"
    assert max(map(len, winapi.written)) <= 20_000


def test_large_buffers_are_not_joined() -> None:
    winapi = Winapi()
    assert SerialLine(winapi, 7).write(b"a" * 200_000, b"b")
    assert sum(map(len, winapi.written)) == 200_001


def test_a_device_that_takes_nothing_is_gone() -> None:
    assert not SerialLine(Winapi(step=0), 7).write(b"a")


def test_closing_cancels_the_read() -> None:
    line = SerialLine(Winapi(), 7)
    reading = line._reading = Overlapped(b"")
    line.close()
    assert reading.cancelled
    assert line.read() == b""


def test_waits_for_a_host() -> None:
    made = channel(Winapi(b"", windows_error(1450), b"hello"))
    line = made.accept()
    assert line.read() == b"hello"


def test_opens_a_lost_device_again() -> None:
    winapi = Winapi(windows_error(31), b"hello")
    made = channel(winapi)
    assert made.accept().read() == b"hello"
    assert winapi.closed == [7]
    assert len(winapi.opened) == 2


def test_a_device_lost_in_a_conversation_is_opened_at_the_next() -> None:
    winapi = Winapi(b"hello", windows_error(31), b"again")
    made = channel(winapi)
    line = made.accept()
    assert [line.read(), line.read()] == [b"hello", b""]
    assert made.accept().read() == b"again"
    assert winapi.closed == [7]
    made.close()
    assert winapi.closed == [7, 7]


def test_a_missing_device_is_one_line() -> None:
    with pytest.raises(StartError, match=r"^cannot open .*port: It is gone$"):
        channel(Winapi(opens=(windows_error(2),)))


def test_retry_waits_for_a_missing_device() -> None:
    winapi = Winapi(opens=(windows_error(2), windows_error(2), 9))
    channel(winapi, retry=True)
    assert winapi.opened == [r"\\.\Global\port"]


def test_a_channel_that_the_agent_has_closed_stays_closed() -> None:
    winapi = Winapi(b"hello", windows_error(6))
    made = channel(winapi)
    line = made.accept()
    assert line.read() == b"hello"
    made.close()
    assert line.read() == b""
    with pytest.raises(StartError, match="was closed"):
        made.accept()
    assert len(winapi.opened) == 1

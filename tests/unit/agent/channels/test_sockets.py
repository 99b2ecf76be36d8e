from __future__ import annotations

import errno
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from guestwire.agent.channels.sockets import ListenChannel, SocketLine
from guestwire.errors import StartError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def ends() -> Iterator[tuple[SocketLine, socket.socket]]:
    """A line and the host's end of it."""
    mine, host = socket.socketpair()
    line = SocketLine(mine)
    yield line, host
    line.close()
    host.close()


Ends = "tuple[SocketLine, socket.socket]"


def test_reading(ends: Ends) -> None:
    line, host = ends
    host.sendall(b"abcdef")
    assert line.read() == b"abcdef"
    host.sendall(b"g")
    assert line.read() == b"g"
    host.close()
    assert line.read() == b""


def test_a_host_that_left_with_an_answer_unread_is_just_gone(ends: Ends) -> None:
    line, host = ends
    assert line.write(b"answer")
    host.close()
    assert line.read() == b""
    assert line.gone()
    assert not line.write(b"another")
    assert not line.write(b"ano", b"ther")


def test_a_host_that_ended_its_sending_still_reads(ends: Ends) -> None:
    line, host = ends
    host.shutdown(socket.SHUT_WR)
    assert line.read() == b""
    assert not line.gone()
    assert line.write(b"x")
    assert host.recv(9) == b"x"


def test_writing_several_buffers(ends: Ends) -> None:
    line, host = ends
    assert line.write(b"ab", bytearray(b"cd"), memoryview(b"ef"))
    assert host.recv(9) == b"abcdef"
    assert line.write(b"", b"")


@pytest.mark.parametrize("count", [1, 3])
def test_a_slow_reader_gets_everything_and_costs_no_cpu(ends: Ends, count: int) -> None:
    line, host = ends
    pieces = [bytes([65 + number]) * 700000 for number in range(count)]
    told: list[bool] = []
    used: list[float] = []

    def write() -> None:
        told.append(line.write(*pieces))
        used.append(time.thread_time())

    writer = threading.Thread(target=write)
    writer.start()
    received = b""
    while len(received) < 700000 * count:
        received += host.recv(1 << 16)
    writer.join(10)
    assert received == b"".join(pieces)
    assert told == [True]
    assert used[0] < 1


def test_a_reader_that_leaves_ends_the_writing(ends: Ends) -> None:
    line, host = ends
    told: list[bool] = []
    writer = threading.Thread(target=lambda: told.append(line.write(b"x" * 5000000)))
    writer.start()
    host.recv(1000)
    host.close()
    writer.join(10)
    assert told == [False]


class Cut:
    """A socket whose sendmsg was cut short by a signal."""

    def __init__(self, sent: int) -> None:
        self.sent = sent
        self.rest: list[bytes] = []

    def sendmsg(self, buffers: tuple[bytes, ...]) -> int:
        return self.sent

    def sendall(self, data: memoryview) -> None:
        self.rest.append(bytes(data))

    def recv_into(self, view: memoryview) -> int:
        return 0


@pytest.mark.parametrize(
    ("sent", "rest"), [(0, [b"ab", b"cd"]), (1, [b"b", b"cd"]), (2, [b"cd"]), (3, [b"d"]), (4, [])]
)
def test_a_write_cut_short_is_finished(sent: int, rest: list[bytes]) -> None:
    sock = Cut(sent)
    assert SocketLine(sock).write(b"ab", b"cd")  # type: ignore[arg-type]
    assert sock.rest == rest


def test_closing_wakes_a_reader(ends: Ends) -> None:
    line, _ = ends
    told: list[bytes] = []
    reader = threading.Thread(target=lambda: told.append(line.read()))
    reader.start()
    line.close()
    reader.join(10)
    assert told == [b""]
    line.close()


class Listener:
    """A listener whose accept meets these errors, then a host."""

    family, type, proto = socket.AF_UNIX, socket.SOCK_STREAM, 0

    def __init__(self, *errors: int) -> None:
        self.errors = list(errors)

    def _accept(self) -> tuple[int, str]:
        if self.errors:
            raise OSError(self.errors.pop(0), "")
        mine, self.host = socket.socketpair()
        return mine.detach(), ""

    def close(self) -> None:
        self.errors.append(errno.EBADF)


def test_accept_goes_on_after_passing_errors() -> None:
    channel = ListenChannel()
    listener = Listener(errno.ECONNABORTED, errno.EMFILE)
    channel._listener = listener  # type: ignore[assignment]
    line = channel.accept()
    listener.host.sendall(b"x")
    assert line.read() == b"x"
    line.close()
    listener.host.close()
    channel.close()
    channel.close()
    assert listener.errors == [errno.EBADF]


def test_accept_tells_other_errors() -> None:
    channel = ListenChannel()
    channel._listener = Listener(errno.EBADF)  # type: ignore[assignment]
    with pytest.raises(StartError, match="cannot wait for hosts: Bad file descriptor"):
        channel.accept()

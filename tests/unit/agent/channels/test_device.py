"""The port is played by a socket pair or a FIFO in non-blocking mode: both read as ended while no host is there."""

from __future__ import annotations

import os
import re
import select
import socket
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from guestwire.agent.channels import device
from guestwire.agent.channels.device import DeviceChannel, DeviceLine
from guestwire.agent.log import Log
from guestwire.errors import StartError

if TYPE_CHECKING:
    from collections.abc import Iterator


class Port:
    """A line on one end of a socket pair, the host on the other."""

    def __init__(self) -> None:
        self.mine, self.host = socket.socketpair()
        self.mine.setblocking(False)
        self.line = DeviceLine(self.mine.fileno())


@pytest.fixture
def port() -> Iterator[Port]:
    port = Port()
    yield port
    port.mine.close()
    port.host.close()


def test_reading_what_is_there(port: Port) -> None:
    port.host.sendall(b"abcdef")
    assert port.line.read() == b"abcdef"
    port.host.close()
    assert port.line.read() == b""
    assert not port.line.lost


def test_reading_waits_without_cpu(port: Port) -> None:
    told: list[bytes] = []
    used: list[float] = []

    def read() -> None:
        told.append(port.line.read())
        used.append(time.thread_time())

    reader = threading.Thread(target=read)
    reader.start()
    port.host.sendall(b"late")
    reader.join(10)
    assert told == [b"late"]
    assert used[0] < 1


def test_what_came_while_waiting_for_the_host_comes_first(port: Port) -> None:
    line = DeviceLine(port.mine.fileno(), b"abc")
    port.host.sendall(b"def")
    assert [line.read(), line.read()] == [b"abc", b"def"]


def test_an_unplugged_device(port: Port) -> None:
    port.mine.close()
    assert port.line.read() == b""
    assert port.line.lost
    assert not port.line.write(b"x")


def test_an_ended_line_reads_no_more(port: Port) -> None:
    port.host.sendall(b"for the next host")
    port.line.close()
    assert port.line.read() == b""
    assert port.line.gone()


def test_writing_in_pieces_a_port_takes(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    write = os.write

    def spy(fd: int, data: memoryview) -> int:
        sizes.append(len(data))
        return write(fd, data)

    monkeypatch.setattr(os, "write", spy)
    assert port.line.write(b"a" * 20000, b"b" * 20000)
    assert port.line.write(b"c")
    assert sizes == [32768, 7232, 1]
    assert port.host.recv(40001, socket.MSG_WAITALL) == b"a" * 20000 + b"b" * 20000 + b"c"


def test_a_slow_reader_gets_everything(port: Port) -> None:
    told: list[bool] = []
    writer = threading.Thread(target=lambda: told.append(port.line.write(b"x" * 3000000, b"end")))
    writer.start()
    received = 0
    while received < 3000003:
        received += len(port.host.recv(1 << 16))
    writer.join(10)
    assert told == [True]
    assert not port.line.gone()


def test_a_host_that_leaves_ends_the_writing(port: Port) -> None:
    told: list[bool] = []
    writer = threading.Thread(target=lambda: told.append(port.line.write(b"x" * 5000000)))
    writer.start()
    port.host.recv(1000)
    port.host.close()
    writer.join(10)
    assert told == [False]
    assert port.line.gone()


def test_a_port_without_host_refuses_and_hangs_up(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    class Hung:
        def register(self, fd: int, events: int) -> None:
            pass

        def poll(self) -> list[tuple[int, int]]:
            return [(3, select.POLLIN | select.POLLHUP)]

    def refuse(fd: int, data: memoryview) -> int:
        raise BlockingIOError

    monkeypatch.setattr(os, "write", refuse)
    monkeypatch.setattr(select, "poll", Hung)
    assert not port.line.write(b"x")


class Fifo(DeviceChannel):
    """A channel over a FIFO: no writer is "no host", as on a virtio port; or a tty's end, if `hangs_up`."""

    hangs_up = False

    def open_device(self) -> int:
        return os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)

    def ends_with_host(self) -> bool:
        return not self.hangs_up


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "port")
    return tmp_path / "port"


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_REOPEN", 0.01)


def quiet() -> Log:
    return Log(verbose=True, fd=os.open(os.devnull, os.O_WRONLY), environ={}, syslog=())


def accept_in_thread(channel: DeviceChannel, result: list[object]) -> threading.Thread:
    def accept() -> None:
        try:
            result.append(channel.accept())
        except StartError as error:
            result.append(str(error))

    thread = threading.Thread(target=accept)
    thread.start()
    return thread


def test_hosts_come_and_go(fifo: Path) -> None:
    channel = Fifo(str(fifo), False, quiet())
    channel.open()
    for text in (b"first", b"second"):
        lines: list[object] = []
        thread = accept_in_thread(channel, lines)
        host = os.open(fifo, os.O_WRONLY)
        os.write(host, text)
        thread.join(10)
        (line,) = lines
        assert isinstance(line, DeviceLine)
        assert line.read() == text
        os.close(host)
        assert line.read() == b""
        line.close()
    channel.close()


def test_a_host_that_is_there_and_silent(fifo: Path) -> None:
    channel = Fifo(str(fifo), False, quiet())
    channel.open()
    host = os.open(fifo, os.O_WRONLY)
    line = channel.accept()
    os.write(host, b"x")
    assert line.read() == b"x"
    os.close(host)
    channel.close()


@pytest.mark.parametrize("edge", [True, False])
def test_waiting_for_a_host_sleeps_longer_and_longer(
    fifo: Path, monkeypatch: pytest.MonkeyPatch, edge: bool
) -> None:
    naps: list[float] = []
    host: list[int] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 6:
            host.append(os.open(fifo, os.O_WRONLY))

    class Watch:
        def poll(self, seconds: float) -> None:
            nap(seconds)

        def close(self) -> None:
            naps.append(-1)

    monkeypatch.setattr(device, "_edge_of", lambda fd: Watch() if edge else None)
    monkeypatch.setattr(device, "time", SimpleNamespace(sleep=nap))
    channel = Fifo(str(fifo), False, quiet())
    channel.open()
    channel.accept()
    assert naps == [0.02, 0.04, 0.08, 0.16, 0.25, 0.25] + [-1] * edge
    os.close(host[0])
    channel.close()


def test_an_edge_tells_of_changes_only(fifo: Path, tmp_path: Path) -> None:
    fd = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    os.close(os.open(fifo, os.O_WRONLY))  # a host came and went: the FIFO hangs up from now on
    watch = device._edge_of(fd)
    assert watch is not None
    watch.poll(0)
    assert watch.poll(0) == []
    host = os.open(fifo, os.O_WRONLY)
    os.write(host, b"x")
    assert watch.poll(10) != []
    watch.close()
    os.close(host)
    os.close(fd)
    (tmp_path / "file").touch()
    with (tmp_path / "file").open() as file:
        assert device._edge_of(file.fileno()) is None  # epoll takes no regular file


def test_systems_without_epoll(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(select, "epoll")
    assert device._edge_of(0) is None


def test_a_missing_device(fifo: Path) -> None:
    fifo.unlink()
    with pytest.raises(StartError) as caught:
        Fifo(str(fifo), False, quiet()).open()
    assert str(caught.value) == (
        f"cannot open {fifo}: No such file or directory; give the guest that device, choose another with --path, or"
        " let the agent wait for it with --retry-path"
    )


def test_a_missing_device_is_waited_for(fifo: Path) -> None:
    fifo.unlink()
    channel = Fifo(str(fifo), True, quiet())
    channel.open()
    lines: list[object] = []
    thread = accept_in_thread(channel, lines)
    os.mkfifo(fifo)
    host = os.open(fifo, os.O_WRONLY)
    os.write(host, b"x")
    thread.join(10)
    (line,) = lines
    assert isinstance(line, DeviceLine)
    assert line.read() == b"x"
    os.close(host)
    channel.close()


def unplug(channel: DeviceChannel) -> None:
    """Put a descriptor in the place of the port whose reading fails, as that of an unplugged one does."""
    nowhere = os.open("/", os.O_RDONLY)
    os.dup2(nowhere, channel._fd)
    os.close(nowhere)


def test_an_unplugged_port_ends_the_agent(fifo: Path) -> None:
    channel = Fifo(str(fifo), False, quiet())
    channel.open()
    host = os.open(fifo, os.O_WRONLY)
    line = channel.accept()
    unplug(channel)
    assert line.read() == b""
    with pytest.raises(
        StartError, match=f"{re.escape(str(fifo))} went away; start the agent anew or with --retry"
    ):
        channel.accept()
    os.close(host)


def test_unplugged_while_no_host_is_there(fifo: Path) -> None:
    channel = Fifo(str(fifo), False, quiet())
    channel.open()
    unplug(channel)
    with pytest.raises(StartError, match="went away"):
        channel.accept()


def test_an_unplugged_port_is_waited_for(fifo: Path) -> None:
    channel = Fifo(str(fifo), True, quiet())
    channel.open()
    host = os.open(fifo, os.O_WRONLY)
    line = channel.accept()
    unplug(channel)
    assert line.read() == b""
    line = channel.accept()
    os.write(host, b"back")
    assert line.read() == b"back"
    os.close(host)
    channel.close()


def test_a_hang_up_means_a_new_descriptor(fifo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fifo, "hangs_up", True)
    channel = Fifo(str(fifo), False, quiet())
    channel.open()
    host = os.open(fifo, os.O_WRONLY)
    line = channel.accept()
    os.close(host)
    assert line.read() == b""
    lines: list[object] = []
    thread = accept_in_thread(channel, lines)
    host = os.open(fifo, os.O_WRONLY)
    os.write(host, b"again")
    thread.join(10)
    (line,) = lines  # type: ignore[assignment]
    assert line.read() == b"again"
    os.close(host)
    channel.close()


def test_a_hang_up_and_no_device_any_more(fifo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fifo, "hangs_up", True)
    channel = Fifo(str(fifo), False, quiet())
    channel.open()
    fifo.unlink()
    with pytest.raises(StartError, match=r"cannot reopen .*: No such file"):
        channel.accept()
    channel.close()


def test_the_base_leaves_the_device_open() -> None:
    channel = DeviceChannel("/x", False, quiet())
    for call in (channel.open_device, channel.ends_with_host):
        with pytest.raises(NotImplementedError):
            call()


def test_a_host_whose_bytes_came_before_it_was_seen_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first end of file behind early bytes is not believed at once; what comes next is read."""
    reads = iter([b"", b"", b"more", b""])
    monkeypatch.setattr(device.os, "read", lambda fd, size: next(reads))
    monkeypatch.setattr(device.time, "sleep", lambda seconds: None)
    reader, writer = os.pipe()
    try:
        line = device.DeviceLine(reader, b"early")
        assert line.read() == b"early"
        assert line.read() == b"more"
        line._settles_at = 0.0
        assert line.read() == b""
    finally:
        os.close(reader)
        os.close(writer)

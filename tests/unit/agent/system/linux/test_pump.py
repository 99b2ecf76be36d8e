from __future__ import annotations

import errno
import os
import time

import pytest

from guestwire.agent.system.linux import pump as module
from guestwire.agent.system.linux.pump import Pump, enlarge


class Bucket:
    def __init__(self) -> None:
        self.data = bytearray()
        self.closed = False

    def write(self, piece: memoryview) -> None:
        self.data += piece

    def close(self) -> None:
        self.closed = True

    def until_closed(self) -> bytes:
        deadline = time.monotonic() + 30
        while not self.closed:
            assert time.monotonic() < deadline
            time.sleep(0.001)
        return bytes(self.data)


def until_idle(pump: Pump) -> None:
    deadline = time.monotonic() + 30
    while pump._epoll is not None:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_the_loop_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs the thread's function in the test's own thread, step for step."""
    monkeypatch.setattr(module, "start_new_thread", lambda function, arguments: None)
    pump = Pump()
    reader, writer = os.pipe()
    bucket = Bucket()
    pump.collect(reader, bucket)
    os.write(writer, b"abc")
    os.close(writer)
    gone, feed = os.pipe()
    pump.supply(feed, bytes(200_000))
    os.close(gone)
    assert pump._epoll is not None
    pump._run(pump._epoll)
    assert (bytes(bucket.data), bucket.closed, pump._epoll) == (b"abc", True, None)


def test_many_pipes_at_once() -> None:
    pump = Pump()
    before = os.listdir("/proc/self/fd")
    pairs = []
    for _ in range(20):
        reader, writer = os.pipe()
        pairs.append((writer, Bucket()))
        pump.collect(reader, pairs[-1][1])
    for number, (writer, _) in enumerate(pairs):
        os.write(writer, b"%d" % number)
        os.close(writer)
    assert [bucket.until_closed() for _, bucket in pairs] == [b"%d" % number for number in range(20)]
    until_idle(pump)
    assert sorted(os.listdir("/proc/self/fd")) == sorted(before)


def test_thread_comes_again() -> None:
    pump = Pump()
    for _ in range(3):
        reader, writer = os.pipe()
        bucket = Bucket()
        pump.collect(reader, bucket)
        os.write(writer, b"x")
        os.close(writer)
        assert bucket.until_closed() == b"x"
        until_idle(pump)


def test_supply_more_than_a_pipe_holds() -> None:
    pump = Pump()
    data = os.urandom(3_000_000)
    reader, writer = os.pipe()
    pump.supply(writer, data)
    with open(reader, "rb") as stream:
        assert stream.read() == data
    until_idle(pump)


def test_supply_little_needs_no_thread() -> None:
    pump = Pump()
    reader, writer = os.pipe()
    pump.supply(writer, b"abc")
    assert pump._epoll is None
    with open(reader, "rb") as stream:
        assert stream.read() == b"abc"


def test_reader_that_goes_away() -> None:
    pump = Pump()
    for data in (b"x", bytes(3_000_000)):
        reader, writer = os.pipe()
        if len(data) == 1:
            os.close(reader)
            pump.supply(writer, data)
        else:
            pump.supply(writer, data)
            os.close(reader)
        until_idle(pump)
        with pytest.raises(OSError):
            os.fstat(writer)


def test_supplies_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SUPPLY_LIMIT", 1_000_000)
    reader, writer = os.pipe()
    with pytest.raises(OSError) as caught:
        Pump().supply(writer, bytes(2_000_000))
    assert caught.value.errno == errno.ENOBUFS
    with pytest.raises(OSError):
        os.fstat(writer)
    os.close(reader)


def test_no_thread_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(module, "start_new_thread", refuse)
    pump = Pump()
    reader, writer = os.pipe()
    with pytest.raises(OSError) as caught:
        pump.collect(reader, Bucket())
    assert caught.value.errno == errno.EAGAIN
    with pytest.raises(OSError):
        os.fstat(reader)
    os.close(writer)


def test_sink_out_of_memory_ends_the_stream() -> None:
    class Full(Bucket):
        def write(self, piece: memoryview) -> None:
            raise MemoryError

    pump = Pump()
    reader, writer = os.pipe()
    bucket = Full()
    pump.collect(reader, bucket)
    os.write(writer, b"x")
    assert bucket.until_closed() == b""
    os.close(writer)


def test_enlarge() -> None:
    reader, writer = os.pipe()
    enlarge(reader)
    os.close(reader)
    os.close(writer)
    null = os.open("/dev/null", os.O_RDONLY)
    enlarge(null)  # no pipe: nothing happens
    os.close(null)

"""The blocking socket transport, against a socket whose other end the test holds."""

import contextlib
import socket
import threading
import time
from math import inf

import pytest

from guestwire.client.address import TcpAddress, UnixAddress, VsockAddress
from guestwire.client.transports.stream import StreamTransport
from guestwire.client.transports.tcp import TcpEndpoint
from guestwire.client.transports.unix import UnixEndpoint
from guestwire.client.transports.vsock import VsockEndpoint


@pytest.fixture
def listener(tmp_path):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(tmp_path / "s"))
        sock.listen(1)
        yield sock


@pytest.fixture
def pair(listener):
    with contextlib.closing(StreamTransport(UnixEndpoint(UnixAddress(listener.getsockname())))) as transport:
        transport.open(5)
        other, _ = listener.accept()
        with other:
            yield transport, other


def test_moves_bytes_both_ways(pair):
    transport, other = pair
    transport.write(b"hello", 5)
    assert other.recv(99) == b"hello"
    other.sendall(b"answer")
    assert transport.read(5) == b"answer"
    other.sendall(b"again")
    assert transport.read(inf) == b"again"


def test_reads_grow_with_what_arrives(pair):
    transport, other = pair
    sender = threading.Thread(target=other.sendall, args=(bytes(3 << 20),))
    sender.start()
    sizes = []
    while sum(sizes) < 3 << 20:
        sizes.append(len(transport.read(5)))
    sender.join()
    assert sum(sizes) == 3 << 20


def test_reads_time_out(pair):
    transport, other = pair
    for timeout in (0, -1, 0.05, 0.01, 0.05):
        with pytest.raises(TimeoutError):
            transport.read(timeout)
    other.sendall(b"x")
    assert transport.read(5) == b"x"


def test_a_longer_time_out_after_a_shorter_one_is_kept_in_full(pair):
    transport, _ = pair
    with pytest.raises(TimeoutError):
        transport.read(0.01)
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        transport.read(0.2)
    assert time.monotonic() - began >= 0.15


def test_writes_are_whole_even_when_the_reader_is_slow(pair):
    transport, other = pair
    data = bytes(range(256)) * 20_000
    got = bytearray()

    def reader():
        while len(got) < len(data):
            got.extend(other.recv(65536))

    thread = threading.Thread(target=reader)
    thread.start()
    transport.write(data, 10)
    thread.join()
    assert got == data


def test_a_reader_that_takes_nothing_does_not_hold_a_write(pair):
    transport, _ = pair
    with pytest.raises(TimeoutError, match="does not read"):
        transport.write(bytes(8 << 20), 0.1)


def test_the_end_of_the_channel_is_a_connection_error(pair):
    transport, other = pair
    other.close()
    with pytest.raises(ConnectionError, match="the other end closed"):
        transport.read(5)
    with pytest.raises(OSError, match="Broken pipe"):
        transport.write(b"x", 5)


def test_closing_takes_what_was_not_read(pair):
    transport, other = pair
    other.sendall(b"unread")
    transport.close()
    transport.close()
    assert other.recv(99) == b""  # with unread bytes it would be ECONNRESET


def test_needs_to_be_open():
    transport = StreamTransport(UnixEndpoint(UnixAddress("/x")))
    assert transport.waiting_behind() is None
    with pytest.raises(ConnectionError, match="not open"):
        transport.read(1)
    with pytest.raises(ConnectionError, match="not open"):
        transport.write(b"", 1)


def _open_all(transports):
    for transport in transports:
        transport.open(1)


class TestOpening:
    def test_a_missing_socket(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            StreamTransport(UnixEndpoint(UnixAddress(str(tmp_path / "no")))).open(1)

    def test_a_socket_without_listener(self, tmp_path, listener):
        path = listener.getsockname()
        listener.close()
        with pytest.raises(ConnectionRefusedError):
            StreamTransport(UnixEndpoint(UnixAddress(path))).open(1)

    def test_a_full_queue(self, listener):
        transports = [StreamTransport(UnixEndpoint(UnixAddress(listener.getsockname()))) for _ in range(5)]
        with contextlib.ExitStack() as stack:
            for transport in transports:
                stack.callback(transport.close)
            with pytest.raises(BlockingIOError):
                _open_all(transports)

    def test_tcp(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            transport = StreamTransport(TcpEndpoint(TcpAddress("127.0.0.1", server.getsockname()[1])))
            transport.open(inf)
            other, _ = server.accept()
            with other, contextlib.closing(transport):
                transport.write(b"x", 1)
                assert other.recv(9) == b"x"
                assert transport.waiting_behind() is None

    def test_vsock_to_nobody(self):
        with pytest.raises(OSError):
            StreamTransport(VsockEndpoint(VsockAddress(3, 9999))).open(0.2)


class TestWaitingBehind:
    def test_others_is_seen_once_something_was_written(self, listener):
        with contextlib.closing(
            StreamTransport(UnixEndpoint(UnixAddress(listener.getsockname())))
        ) as transport:
            transport.open(1)
            assert transport.waiting_behind() is False
            transport.write(b"x", 1)
            assert transport.waiting_behind() is True
            with listener.accept()[0] as other:
                assert transport.waiting_behind() is False
                other.recv(1)

    def test_is_unknown_without_proc(self, pair, monkeypatch):
        transport, _ = pair
        transport.write(b"x", 1)
        monkeypatch.setattr("builtins.open", lambda *_, **__: (_ for _ in ()).throw(OSError()))
        assert transport.waiting_behind() is None

"""The asyncio socket transport, against a socket whose other end the test holds."""

import asyncio
import contextlib
import socket
import time
from math import inf

import pytest

from guestwire.client.address import TcpAddress, UnixAddress
from guestwire.client.transports.aio_stream import AsyncStreamTransport
from guestwire.client.transports.tcp import TcpEndpoint
from guestwire.client.transports.unix import UnixEndpoint


def on_loop(test):
    """Run a coroutine test with a transport and its other end."""

    def run(tmp_path):
        async def body():
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(str(tmp_path / "s"))
                listener.listen(1)
                transport = AsyncStreamTransport(UnixEndpoint(UnixAddress(str(tmp_path / "s"))))
                await transport.open(5)
                other = listener.accept()[0]
                with other:
                    try:
                        await test(transport, other)
                    finally:
                        await transport.close()

        asyncio.run(body())

    run.__name__ = test.__name__
    return run


async def read(transport, timeout=5):
    return transport.take() or await transport.arrival(timeout)


@on_loop
async def test_moves_bytes_both_ways(transport, other):
    assert transport.write(b"hello")
    assert other.recv(99) == b"hello"
    other.sendall(b"answer")
    assert await read(transport) == b"answer"
    other.sendall(b"again")
    assert await read(transport, inf) == b"again"


@on_loop
async def test_keeps_what_arrives_between_reads(transport, other):
    other.sendall(b"one")
    await asyncio.sleep(0.01)
    other.sendall(b"two")
    while transport._kept < 6:
        await asyncio.sleep(0.001)
    assert transport.take() == b"onetwo"
    assert transport.take() == b""


@on_loop
async def test_holds_a_flood_back(transport, other):
    other.setblocking(False)
    sent = 0
    for _ in range(200):
        with contextlib.suppress(BlockingIOError):
            sent += other.send(bytes(1 << 16))
        await asyncio.sleep(0)
    assert transport._kept < 3 << 20
    got = 0
    while got < sent:
        got += len(await read(transport))


@on_loop
async def test_reads_time_out(transport, other):
    for timeout in (0, 0.05, 0.01, 0.05):
        with pytest.raises(TimeoutError):
            await transport.arrival(timeout)
    other.sendall(b"x")
    assert await read(transport) == b"x"


@on_loop
async def test_a_longer_time_out_after_a_shorter_one_is_kept_in_full(transport, other):
    waiting = transport.arrival(0.05)
    other.sendall(b"x")
    assert await waiting == b"x"
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        await transport.arrival(0.2)
    assert time.monotonic() - began >= 0.15


@on_loop
async def test_a_cancelled_read_loses_nothing(transport, other):
    waiting = asyncio.ensure_future(asyncio.wait_for(transport.arrival(5), 0.01))
    with pytest.raises(TimeoutError):
        await waiting
    other.sendall(b"x")
    assert await read(transport) == b"x"


@on_loop
async def test_writes_wait_for_a_slow_reader(transport, other):
    data = bytes(8 << 20)
    assert not transport.write(data)
    with pytest.raises(TimeoutError):
        await transport.drained(0.05)
    other.setblocking(False)
    got = 0
    while got < len(data):
        with contextlib.suppress(BlockingIOError):
            got += len(other.recv(1 << 20))
        await asyncio.sleep(0)
    await transport.drained(inf)
    assert transport.write(b"x")


@on_loop
async def test_the_end_of_the_channel_is_a_connection_error(transport, other):
    waiting = transport.arrival(5)
    other.close()
    with pytest.raises(ConnectionError, match="the other end closed"):
        await waiting
    with pytest.raises(ConnectionError):
        await transport.arrival(5)
    with pytest.raises(ConnectionError):
        transport.write(b"x")
    assert transport.waiting_behind() is None


@on_loop
async def test_can_be_opened_again(transport, other):
    await transport.close()
    await transport.close()
    await transport.open(inf)
    assert transport.write(b"x")
    assert transport.waiting_behind() is True


@on_loop
async def test_closing_takes_what_was_not_read(transport, other):
    other.sendall(b"unread")
    await transport.close()
    assert other.recv(99) == b""


def test_opening_fails_as_the_blocking_one_does(tmp_path):
    async def body():
        path = str(tmp_path / "s")
        transport = AsyncStreamTransport(UnixEndpoint(UnixAddress(path)))
        with pytest.raises(FileNotFoundError):
            await transport.open(1)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            with pytest.raises(ConnectionRefusedError):
                await transport.open(1)
            listener.listen(0)
            transports = [AsyncStreamTransport(UnixEndpoint(UnixAddress(path))) for _ in range(4)]
            with pytest.raises(BlockingIOError):
                await _open_all(transports)
            for each in transports:
                await each.close()

    asyncio.run(body())


async def _open_all(transports):
    for each in transports:
        await each.open(1)


def test_tcp():
    async def body():
        with socket.create_server(("127.0.0.1", 0)) as server:
            transport = AsyncStreamTransport(TcpEndpoint(TcpAddress("localhost", server.getsockname()[1])))
            await transport.open(5)
            with server.accept()[0] as other:
                transport.write(b"x")
                assert other.recv(9) == b"x"
                await transport.close()

    asyncio.run(body())


def test_needs_to_be_open():
    transport = AsyncStreamTransport(UnixEndpoint(UnixAddress("/x")))
    with pytest.raises(ConnectionError, match="not open"):
        transport.write(b"")

"""When a reader polls before it sleeps, and when it stops doing so."""

import asyncio
import contextlib
import socket
import threading
from math import inf

import pytest

from guestwire.client.address import UnixAddress
from guestwire.client.transports import aio_stream, stream
from guestwire.client.transports.polling import Polling
from guestwire.client.transports.unix import UnixEndpoint


def polled(polling, reads):
    """How many of so many reads poll, when none of it pays."""
    count = 0
    for _ in range(reads):
        if polling.worth_it():
            count += 1
            polling.ended(False)
    return count


def test_polls_every_time_while_it_pays():
    polling = Polling()
    for _ in range(100):
        assert polling.worth_it()
        polling.ended(True)


def test_is_given_up_for_longer_and_longer_where_it_does_not_pay():
    polling = Polling()
    assert polled(polling, 255) == 8
    assert polled(polling, 2560) == 10


def test_comes_back_by_halves_when_it_pays_again():
    polling = Polling()
    polled(polling, 2560)
    rounds = 0
    while polling._pause:
        if polling.worth_it():
            polling.ended(True)
            rounds += 1
    assert rounds == 8
    assert polling.worth_it()


@pytest.fixture
def listener(tmp_path):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(tmp_path / "s"))
        sock.listen(1)
        yield sock


def endpoint(listener):
    return UnixEndpoint(UnixAddress(listener.getsockname()))


def test_a_blocking_read_takes_what_comes_while_it_polls_and_after(listener, monkeypatch):
    with contextlib.closing(stream.StreamTransport(endpoint(listener))) as transport:
        transport.open(5)
        other, _ = listener.accept()
        with other:
            monkeypatch.setattr(stream, "SPAN", 30)
            sender = threading.Timer(0.01, other.sendall, (b"polled",))
            sender.start()
            assert transport.read(5) == b"polled"
            sender.join()
            assert transport._polling.worth_it()
            monkeypatch.setattr(stream, "SPAN", 0)
            other.sendall(b"late")  # there at once, but the time for polling is over
            assert transport.read(5) == b"late"
            assert not transport._polling.worth_it()
            other.sendall(b"waited for")
            assert transport.read(inf) == b"waited for"


def test_a_poll_meets_the_end_of_the_channel(listener, monkeypatch):
    with contextlib.closing(stream.StreamTransport(endpoint(listener))) as transport:
        transport.open(5)
        monkeypatch.setattr(stream, "SPAN", 30)
        listener.accept()[0].close()
        with pytest.raises(ConnectionError):
            transport.read(5)


def test_tasks_go_on_while_an_event_loop_polls(listener, monkeypatch):
    monkeypatch.setattr(aio_stream, "SPAN", 30)

    async def answer(other):
        await asyncio.sleep(0.01)
        other.sendall(b"polled")

    async def main():
        transport = aio_stream.AsyncStreamTransport(endpoint(listener))
        await transport.open(5)
        other, _ = listener.accept()
        with other:
            task = asyncio.ensure_future(answer(other))
            assert await transport.arrival(5) == b"polled"
            await task
            other.close()
            with pytest.raises(ConnectionError):
                await transport.arrival(5)
            await transport.close()

    asyncio.run(main())

import asyncio

import pytest

from guestwire.testing import CLOSE, AsyncMemoryChannel, FakeClock, MemoryChannel, Script


@pytest.fixture
def clock():
    return FakeClock()


def test_delays_pass_on_the_clock(clock):
    channel = MemoryChannel(Script(greeting=[2.0, b"a", 3.0, b"b"]), clock)
    channel.open(1)
    assert channel.read(10) == b"a"
    assert clock() == 1002
    with pytest.raises(TimeoutError):
        channel.read(1)
    assert clock() == 1003
    assert channel.read(10) == b"b"
    assert clock() == 1005


def test_a_read_of_nothing_waits_its_whole_time_out(clock):
    channel = MemoryChannel(Script(), clock)
    channel.open(1)
    with pytest.raises(TimeoutError):
        channel.read(7)
    assert clock() == 1007


def test_the_end_comes_when_the_script_says(clock):
    channel = MemoryChannel(Script(greeting=[b"a", CLOSE, b"never"]), clock)
    channel.open(1)
    assert channel.read(1) == b"a"
    for _ in range(2):
        with pytest.raises(ConnectionError):
            channel.read(1)


def test_trouble_meets_whoever_opens(clock):
    channel = MemoryChannel(Script(), clock, trouble=FileNotFoundError())
    with pytest.raises(FileNotFoundError):
        channel.open(1)
    with pytest.raises(ConnectionError):
        channel.write(b"x", 1)
    channel.trouble = None
    channel.open(1)
    assert channel.opened == 1
    assert channel.waiting_behind() is False


def test_on_an_event_loop():
    async def body():
        channel = AsyncMemoryChannel(Script(greeting=[b"a", 5.0, b"b"]))
        await channel.open(1)
        assert channel.take() == b""
        assert await channel.arrival(1) == b"a"
        with pytest.raises(TimeoutError):
            await channel.arrival(1)
        await channel.drained(1)
        await channel.close()
        assert channel.waiting_behind() is False

    asyncio.run(body())

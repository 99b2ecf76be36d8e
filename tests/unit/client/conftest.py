"""Both clients behind one face, so that each test of a conversation runs with both drivers."""

import asyncio
import inspect

import pytest

from guestwire.client import AsyncGuestAgent, GuestAgent
from guestwire.testing import AsyncMemoryChannel, FakeClock, MemoryChannel


class Driven:
    """An `AsyncGuestAgent` whose coroutines are run at once."""

    def __init__(self, agent, loop):
        self._agent, self._loop = agent, loop

    def __getattr__(self, name):
        entry = getattr(self._agent, name)
        if not callable(entry):
            return entry

        def call(*args, **kwargs):
            result = entry(*args, **kwargs)
            return self._loop.run_until_complete(result) if inspect.isawaitable(result) else result

        return call


class Connect:
    """`connect(peer)` gives a client of either kind, on `clock`."""

    def __init__(self, flavour, clock, loop):
        self.flavour, self.clock, self._loop = flavour, clock, loop

    def __call__(self, peer, *, trouble=None, **options):
        options.setdefault("name", "web1")
        if self.flavour == "blocking":
            self.channel = MemoryChannel(peer, self.clock, trouble=trouble)
            return GuestAgent(self.channel, clock=self.clock, sleep=self.clock.sleep, **options)
        outer = AsyncMemoryChannel(peer, self.clock, trouble=trouble)
        self.channel = outer.inner
        return Driven(AsyncGuestAgent(outer, clock=self.clock, **options), self._loop)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture(params=["blocking", "aio"])
def connect(request, clock, monkeypatch):
    loop = asyncio.new_event_loop()
    if request.param == "aio":
        real = asyncio.sleep

        async def sleep(seconds, result=None):
            clock.sleep(seconds)
            return await real(0, result)

        monkeypatch.setattr("guestwire.client.aio.asyncio.sleep", sleep)
    yield Connect(request.param, clock, loop)
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()

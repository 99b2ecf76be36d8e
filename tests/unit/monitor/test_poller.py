import asyncio
import os
from dataclasses import replace

import pytest

from guestwire.errors import ChannelClosed, GuestTimeout, GuestwireError
from guestwire.monitor.collectors import load
from guestwire.monitor.poller import Poller, Watcher
from guestwire.monitor.targets import GuestState, Target

TARGET = Target("uuid", "web", "unix:/x")
LOAD = {"load1m": 1.0, "load5m": 2.0, "load15m": 3.0}


class Agent:
    """Answers as told: a value, an error to raise, or an event to wait for."""

    def __init__(self):
        self.answer = LOAD
        self.running = self.most = 0
        self.closed = False

    async def execute(self, name, arguments=None, *, timeout=None):
        if name == "guest-info":
            return {"supported_commands": [{"name": "guest-get-load", "enabled": True}]}
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            if isinstance(self.answer, asyncio.Event):
                await self.answer.wait()
                return LOAD
            if isinstance(self.answer, Exception):
                raise self.answer
            await asyncio.sleep(0)
            return self.answer
        finally:
            self.running -= 1

    async def read_file(self, path, *, limit=0):
        raise AssertionError(path)

    async def close(self):
        self.closed = True


class Bench:
    def __init__(self, interval=10.0):
        self.agent = Agent()
        self.polls = []
        self.watcher = Watcher(TARGET, self.agent, (load.SECTION,), self.emit, interval=interval)

    def emit(self, poll, name):
        self.polls.append(({(s.name, *dict(s.labels).values()): s.value for s in poll.samples}, poll, name))

    @property
    def last(self):
        return self.polls[-1][0]


def test_figures():
    bench = Bench()
    asyncio.run(bench.watcher.poll())
    (figures, poll, name) = bench.polls[0]
    assert (figures["node_load1",], figures["guestwire_guest_up",], name) == (1, 1, "web")
    assert figures["guestwire_guest_state", "running"] == 1
    assert (poll.guest, poll.sources["guestwire_guest_up"]) == ("uuid", "host")
    assert bench.watcher.counts.polls == 1


@pytest.mark.parametrize(
    ("error", "ever", "reason"),
    [
        (GuestTimeout("connected, but the agent is silent"), True, "silent"),
        (GuestTimeout("connected, but the agent is silent"), False, "no-agent"),
        (GuestTimeout("busy with another client"), True, "busy"),
        (ChannelClosed("nothing listens"), False, "no-agent"),
        (GuestwireError("odd"), True, "failed"),
    ],
)
def test_no_figures_have_a_reason(error, ever, reason):
    bench = Bench()
    if ever:
        asyncio.run(bench.watcher.poll())
    bench.agent.answer = error
    asyncio.run(bench.watcher.poll())
    assert bench.last["guestwire_guest_up",] == 0
    assert bench.last["guestwire_guest_silent", reason] == 1
    assert ("node_load1",) not in bench.last
    assert bench.polls[-1][1].unknown["node_load1"] == reason
    bench.agent.answer = LOAD
    asyncio.run(bench.watcher.poll())
    assert bench.last["guestwire_guest_silent", reason] == 0, "the end is told"


def test_a_silent_guest_is_asked_once_and_heard_at_once():
    async def scenario():
        bench = Bench(interval=0.05)
        bench.agent.answer = asyncio.Event()
        ticker = asyncio.ensure_future(bench.watcher.run())
        while bench.watcher.counts.failures < 2:
            await asyncio.sleep(0.01)
        assert bench.watcher._deadline > 0.1
        assert bench.agent.most == 1
        while not bench.watcher.counts.skipped:
            await asyncio.sleep(0.01)
        assert bench.last["guestwire_guest_up",] == 0
        bench.agent.answer.set()
        while bench.last["guestwire_guest_up",] == 0:
            await asyncio.sleep(0.01)
        assert bench.watcher._deadline < 0.05
        ticker.cancel()
        await asyncio.gather(ticker, return_exceptions=True)

    asyncio.run(asyncio.wait_for(scenario(), 20))


def test_states_are_not_failures():
    bench = Bench()
    bench.watcher.target = replace(TARGET, state=GuestState.PAUSED)
    bench.watcher.tick()
    assert bench.last == {("guestwire_guest_state", "paused"): 1}
    assert bench.polls[-1][1].unknown["node_load1"] == "paused"
    bench.watcher.target = TARGET
    asyncio.run(bench.watcher.poll())
    assert bench.last["guestwire_guest_state", "paused"] == 0
    assert bench.last["guestwire_guest_state", "running"] == 1


def test_the_poller_follows_the_guests():
    async def scenario():
        agents, polls = [], []

        def connect(target):
            agents.append(Agent())
            return agents[-1]

        poller = Poller(
            connect,
            lambda agent: agent.close(),
            (load.SECTION,),
            lambda poll, name: polls.append(name),
            interval=0.02,
        )
        poller.add(TARGET)
        while not polls:
            await asyncio.sleep(0.005)
        await poller.change(replace(TARGET, name="www"))
        while "www" not in polls:
            await asyncio.sleep(0.005)
        assert len(agents) == 1
        await poller.change(replace(TARGET, address="unix:/y"))
        assert agents[0].closed
        assert len(poller.watchers) == 1
        agents[1].answer = asyncio.Event()
        await asyncio.sleep(0.05)
        await poller.stop()
        assert agents[1].closed
        assert poller.watchers == []

    asyncio.run(asyncio.wait_for(scenario(), 20))


async def test_no_channel_is_a_state_and_no_failure():
    bench = Bench()
    bench.watcher.target = replace(TARGET, address="")
    bench.watcher.tick()
    figures, poll, _ = bench.polls[-1]
    assert set(poll.unknown.values()) == {"no-channel"}
    assert not any(name == "guestwire_guest_silent" for name, *_ in figures)
    assert bench.watcher.counts.polls == 0


async def test_the_host_s_view_stands_beside_the_guest_s_also_while_it_is_silent():
    bench = Bench()
    bench.watcher.target = replace(TARGET, pid=os.getpid())
    await bench.watcher.poll()
    bench.agent.answer = ChannelClosed("gone")
    await bench.watcher.poll()
    for figures, poll, _ in bench.polls:
        assert figures["guestwire_host_cpu_seconds_total",] > 0
        assert poll.sources["guestwire_host_cpu_seconds_total"] == "host"


async def test_the_balloon_stands_beside_the_guest_s_memory():
    bench = Bench()
    bench.watcher.target = replace(TARGET, balloon=7 << 20)
    await bench.watcher.poll()
    assert bench.last["guestwire_host_balloon_bytes",] == 7 << 20
    assert bench.polls[-1][1].sources["guestwire_host_balloon_bytes"] == "host"


async def test_a_guest_that_goes_on_is_asked_at_once():
    agent, polls = Agent(), []

    async def close(it):
        await it.close()

    poller = Poller(
        lambda target: agent, close, (load.SECTION,), lambda poll, name: polls.append(poll), interval=3600
    )
    poller.add(replace(TARGET, state=GuestState.PAUSED))
    await poller.change(TARGET)
    async with asyncio.timeout(20):
        while not any(sample.name == "node_load1" for poll in polls for sample in poll.samples):
            await asyncio.sleep(0.005)
    await poller.stop()

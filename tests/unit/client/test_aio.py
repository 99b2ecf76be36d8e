"""What only the asyncio client has: tasks, cancellation, files."""

import asyncio
import os

import pytest

from guestwire.client import AsyncGuestAgent
from guestwire.errors import GuestTimeout, ProtocolError
from guestwire.testing import AsyncMemoryChannel, FakeClock, FakeGuest, Script


def agent(peer, **options):
    clock = FakeClock()
    return AsyncGuestAgent(AsyncMemoryChannel(peer, clock), clock=clock, **options)


def run(coroutine):
    return asyncio.run(coroutine)


def test_tasks_take_turns_in_order():
    guest = FakeGuest({"guest-echo": lambda arguments: arguments["n"]})

    async def body():
        client = agent(guest)
        return await asyncio.gather(*[client.execute("guest-echo", {"n": n}) for n in range(50)])

    assert run(body()) == list(range(50))
    assert [arguments["n"] for _, arguments in guest.calls] == list(range(50))


def test_waiting_for_the_turn_counts_to_the_time_out():
    async def body():
        client = agent(FakeGuest(), timeout=0.05)
        client.session.turn.acquire(False)
        with pytest.raises(GuestTimeout, match="other calls of this client"):
            await client.execute("guest-ping")
        client.session.turn.release()
        assert await client.execute("guest-ping") == {}

    run(body())


def test_a_cancelled_wait_for_the_turn_passes_it_on():
    async def body():
        client = agent(FakeGuest())
        queue = client.session.turn
        queue.acquire(False)
        waiting = [asyncio.ensure_future(client.execute("guest-ping")) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        queue.release()
        waiting[1].cancel()  # it has just been given the turn
        assert await waiting[2] == {}
        assert queue.acquire(False)

    run(body())


def test_a_cancelled_call_leaves_the_channel_clean():
    class Slow(AsyncMemoryChannel):
        slow = False

        def arrival(self, timeout):
            if not self.slow:
                return super().arrival(timeout)
            self.slow = False
            return asyncio.get_running_loop().create_future()

    async def body():
        channel = Slow(Script(b'{"return": "late"}\n', b'{"return": "new"}\n'))
        client = AsyncGuestAgent(channel, clock=channel.clock)
        await client._transport.open(1)
        client.session.protocol.opened()
        client.session.protocol.sync(1)
        client.session.protocol.receive(b'{"return": 1}\n')
        channel.slow = True
        call = asyncio.ensure_future(client.execute("guest-x"))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert client.session.protocol.state == "stale"
        assert await client.execute("guest-x") == "new"

    run(body())


def test_a_cancelled_task_thaws_before_it_goes():
    frozen = []
    guest = FakeGuest(
        {
            "guest-fsfreeze-freeze": lambda arguments: frozen.append(1) or 1,
            "guest-fsfreeze-thaw": lambda arguments: frozen.pop(),
        }
    )

    async def body():
        client = agent(guest)
        inside = asyncio.Event()

        async def task():
            async with client.frozen():
                inside.set()
                await asyncio.sleep(100)

        running = asyncio.ensure_future(task())
        await inside.wait()
        running.cancel()
        await asyncio.sleep(0)
        running.cancel()  # and once more, while it thaws
        with pytest.raises(asyncio.CancelledError):
            await running
        assert frozen == []

    run(body())


def test_an_unknown_effect_is_a_programming_error():
    def flow():
        yield "what?"

    with pytest.raises(TypeError, match="asked for 'what\\?'"):
        run(agent(FakeGuest()).drive(flow()))


class TestOpen:
    def test_reads_writes_and_seeks(self):
        guest = FakeGuest(files={"/f": b"0123456789"})

        async def body():
            async with agent(guest).open("/f", "r+b") as file:
                assert await file.read(3) == b"012"
                assert await file.seek(-2, os.SEEK_END) == 8
                assert await file.write(b"xy") == 2
                await file.flush()
                await file.seek(0)
                assert await file.read() == b"01234567xy"
                assert file.handle > 0
            await file.close()
            with pytest.raises(ValueError, match="closed file"):
                await file.read(1)

        run(body())
        assert guest.open_files == []

    def test_refuses_odd_modes(self):
        with pytest.raises(ValueError, match="files are binary here"):
            agent(FakeGuest()).open("/f", "rt")

    def test_a_guest_that_lies_about_counts_is_caught(self):
        async def body():
            script = Script(
                b'{"return": 5}\n', b'{"return": {"count": 1, "buf-b64": "QUJDRA==", "eof": false}}\n'
            )
            async with agent(script, timeout=1).open("/f") as file:
                with pytest.raises(ProtocolError, match="more of the file than it was asked for"):
                    await file.read(1)
                file._handle = None

        run(body())


def test_closes_with_its_block():
    async def body():
        channel = AsyncMemoryChannel(FakeGuest())
        async with AsyncGuestAgent(channel) as client:
            await client.execute("guest-ping")
        with pytest.raises(ConnectionError):
            channel.write(b"x")

    run(body())

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from guestwire.broker.options import GuestOptions
from guestwire.broker.server import Broker
from guestwire.broker.turns import Priority
from guestwire.errors import ChannelClosed

from .fakes import guest, until


def asked(door: object, name: str) -> int:
    return [call for call, _ in door.guest.calls].count(name)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("merge", "expected"), [(True, 2), (False, 11)])
async def test_equal_reads_at_the_same_time_are_asked_once(
    tmp_path: Path, merge: bool, expected: int
) -> None:
    async with (
        guest(tmp_path / "g", {"guest-get-fsinfo": [1, 2], "slow": None}) as door,
        Broker({"a": f"unix:{tmp_path}/g"}, options=GuestOptions(merge=merge)) as broker,
    ):
        agents = [broker.connect("a") for _ in range(11)]
        await asyncio.gather(*(agent.execute("guest-ping") for agent in agents))
        door.hold()
        first = asyncio.ensure_future(agents[0].execute("slow"))
        await until(lambda: asked(door, "slow"))
        reads = [asyncio.ensure_future(agent.execute("guest-get-fsinfo")) for agent in agents[1:]]
        other = asyncio.ensure_future(agents[0].execute("guest-get-fsinfo", {"path": "/"}))
        await asyncio.sleep(0)
        door.go.set()
        assert await asyncio.gather(*reads) == [[1, 2]] * 10
        await asyncio.gather(first, other)
        assert asked(door, "guest-get-fsinfo") == expected
        await asyncio.gather(*(agent.close() for agent in agents))


async def test_a_read_joins_one_that_is_under_way(tmp_path: Path) -> None:
    async with (
        guest(tmp_path / "g", {"guest-get-fsinfo": []}) as door,
        Broker({"a": f"unix:{tmp_path}/g"}) as broker,
        broker.connect("a") as one,
        broker.connect("a") as two,
    ):
        await asyncio.gather(one.execute("guest-ping"), two.execute("guest-ping"))
        door.hold()
        first = asyncio.ensure_future(one.execute("guest-get-fsinfo"))
        await until(lambda: asked(door, "guest-get-fsinfo"))
        second = asyncio.ensure_future(two.execute("guest-get-fsinfo"))
        await asyncio.sleep(0.01)
        door.go.set()
        assert await asyncio.gather(first, second) == [[], []]
        assert asked(door, "guest-get-fsinfo") == 1


async def test_persons_go_before_polls(tmp_path: Path) -> None:
    async with (
        guest(tmp_path / "g", {"slow": None, "person": None, "poll": None}) as door,
        Broker({"a": f"unix:{tmp_path}/g"}) as broker,
        broker.connect("a") as busy,
        broker.connect("a", priority=Priority.POLL) as poll,
        broker.connect("a") as person,
    ):
        await asyncio.gather(*(agent.execute("guest-ping") for agent in (busy, poll, person)))
        door.guest.calls.clear()
        door.hold()
        asking = [asyncio.ensure_future(busy.execute("slow"))]
        await until(lambda: asked(door, "slow"))
        for agent, name in ((poll, "poll"), (person, "person")):
            asking.append(asyncio.ensure_future(agent.execute(name)))
            await asyncio.sleep(0.01)
        door.go.set()
        await asyncio.gather(*asking)
        assert [name for name, _ in door.guest.calls] == ["slow", "person", "poll"]


async def test_an_answer_that_does_not_come_is_an_error_and_the_next_one_comes(tmp_path: Path) -> None:
    async with (
        guest(tmp_path / "g", {"slow": None}) as door,
        Broker({"a": f"unix:{tmp_path}/g"}, options=GuestOptions(timeout=0.2)) as broker,
        broker.connect("a") as agent,
    ):
        await agent.execute("guest-ping")
        door.hold()
        with pytest.raises(ChannelClosed, match="no answer to slow in time"):
            await agent.execute("slow")
        door.go.set()
        assert await agent.execute("guest-ping") == {}


async def test_quick_ones_written_with_a_lost_one_are_asked_again(tmp_path: Path) -> None:
    async with (
        guest(tmp_path / "g", {"slow": None}) as door,
        Broker({"a": f"unix:{tmp_path}/g"}) as broker,
    ):
        agents = [broker.connect("a") for _ in range(8)]
        await asyncio.gather(*(agent.execute("guest-ping") for agent in agents))
        door.hold()
        first = asyncio.ensure_future(agents[0].execute("slow"))
        await until(lambda: asked(door, "slow"))
        pings = [asyncio.ensure_future(agent.execute("guest-ping")) for agent in agents[1:]]
        await asyncio.sleep(0.01)
        door.hang_up()
        door.go.set()
        with pytest.raises(ChannelClosed, match="closed"):
            await first
        assert await asyncio.gather(*pings) == [{}] * 7
        await asyncio.gather(*(agent.close() for agent in agents))


async def test_a_shutdown_has_no_answer(tmp_path: Path) -> None:
    def off(arguments: object) -> None:
        door.hang_up()

    async with (
        guest(tmp_path / "g", {"guest-shutdown": off}) as door,
        Broker({"a": f"unix:{tmp_path}/g"}) as broker,
        broker.connect("a") as agent,
    ):
        await agent.guest_shutdown()
        assert asked(door, "guest-shutdown") == 1


async def test_files_of_a_client_that_left_while_the_guest_was_away_are_closed_when_it_is_back(
    tmp_path: Path,
) -> None:
    async with (
        guest(tmp_path / "g", {"slow": None}, files={"/x": b""}) as door,
        Broker({"a": f"unix:{tmp_path}/g"}, options=GuestOptions(timeout=0.2)) as broker,
    ):
        agent = broker.connect("a")
        await agent.execute("guest-file-open", {"path": "/x"})
        assert door.guest._handles
        door.hold()
        await agent.close()
        await asyncio.sleep(0.3)
        door.go.set()
        await until(lambda: not door.guest._handles)


async def test_a_guest_behind_libvirt(monkeypatch: pytest.MonkeyPatch) -> None:
    import json

    class Libvirtd:
        max_request = 4 << 20

        def command(self, request: str, seconds: int) -> str:
            wired = json.loads(request)
            if wired["execute"] == "guest-sync":
                return json.dumps({"return": wired["arguments"]["id"]})
            return json.dumps({"return": {"asked": wired["execute"]}})

        def close(self) -> None:
            pass

    monkeypatch.setattr("guestwire.client.transports.libvirt._best_gateway", lambda address: Libvirtd())
    async with Broker({"a": "libvirt:qemu:///system/web1"}) as broker:
        agents = [broker.connect("a") for _ in range(3)]
        names = ["guest-ping", "guest-info", "guest-get-load"]
        found = await asyncio.gather(
            *(agent.execute(name) for agent, name in zip(agents, names, strict=True))
        )
        assert found == [{"asked": name} for name in names]
        assert broker.states()["a"]["state"] == "up"
        await asyncio.gather(*(agent.close() for agent in agents))


async def test_an_answer_given_on_the_way_puts_nothing_beside_what_is_sent(tmp_path: Path) -> None:
    """A fault is answered by the broker itself; the request behind it must not go beside another one."""
    async with (
        guest(tmp_path / "g", {"one": 1, "two": 2, "slow": None}) as door,
        Broker({"a": f"unix:{tmp_path}/g"}, tmp_path / "run") as broker,
        broker.connect("a") as busy,
    ):
        await busy.execute("guest-ping")
        door.hold()
        slow = asyncio.ensure_future(busy.execute("slow"))
        await until(lambda: asked(door, "slow"))
        lines = [
            await asyncio.open_unix_connection(str(tmp_path / "run" / "guests" / "a.sock")) for _ in range(2)
        ]
        for (_, writer), name in zip(lines, ("one", "two"), strict=True):
            writer.write(b'{"execute": 7}\n' * 80 + b'{"execute": "%b"}\n' % name.encode())
        await until(lambda: broker.states()["a"]["clients"] == 3)
        await asyncio.sleep(0.05)
        door.guest.calls.clear()
        door.go.set()
        await slow
        door.hold()
        await until(lambda: len(door.guest.calls) == 1)
        await asyncio.sleep(0.05)
        assert len(door.guest.calls) == 1
        door.go.set()
        await until(lambda: len(door.guest.calls) == 2)
        for _, writer in lines:
            writer.close()
            await writer.wait_closed()

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from guestwire.broker.options import GuestOptions
from guestwire.broker.server import Broker
from guestwire.client import AsyncGuestAgent
from guestwire.errors import CommandError, GuestTimeout

from .fakes import guest, until

FREEZE, THAW = "guest-fsfreeze-freeze", "guest-fsfreeze-thaw"


class Frozen:
    """The state of a guest's filesystems."""

    def __init__(self) -> None:
        self.frozen = False
        self.thaws = 0

    def answers(self) -> dict[str, Any]:
        return {FREEZE: self.freeze, THAW: self.thaw}

    def freeze(self, arguments: object) -> int:
        self.frozen = True
        return 1

    def thaw(self, arguments: object) -> int:
        self.frozen = False
        self.thaws += 1
        return 1


async def test_a_freeze_ends_with_its_time_and_is_seen_meanwhile(tmp_path: Path) -> None:
    disks = Frozen()
    async with (
        guest(tmp_path / "g", disks.answers()),
        Broker({"a": f"unix:{tmp_path}/g"}, options=GuestOptions(lease=1)) as broker,
        broker.connect("a") as agent,
    ):
        await agent.execute(FREEZE)
        lease = broker.states()["a"]["lease"]
        assert lease["owner"] == "host"
        await until(lambda: not disks.frozen)
        await until(lambda: broker.states()["a"]["lease"] is None)
        assert disks.thaws == 1


async def test_a_freeze_ends_when_its_owner_leaves_but_not_when_others_do(tmp_path: Path) -> None:
    disks = Frozen()
    async with guest(tmp_path / "g", disks.answers()), Broker({"a": f"unix:{tmp_path}/g"}) as broker:
        owner, other = broker.connect("a"), broker.connect("a")
        await owner.execute(FREEZE)
        await other.execute("guest-ping")
        await other.close()
        await owner.execute("guest-ping")
        assert disks.frozen
        await owner.close()
        await until(lambda: not disks.frozen)


async def test_anybody_may_thaw_and_the_lease_is_over(tmp_path: Path) -> None:
    disks = Frozen()
    async with guest(tmp_path / "g", disks.answers()), Broker({"a": f"unix:{tmp_path}/g"}) as broker:
        owner, other = broker.connect("a"), broker.connect("a")
        await owner.execute(FREEZE)
        await other.execute(THAW)
        assert broker.states()["a"]["lease"] is None
        await owner.close()
        await other.execute("guest-ping")
        assert disks.thaws == 1
        await other.close()


async def test_the_broker_s_end_thaws(tmp_path: Path) -> None:
    disks = Frozen()
    async with guest(tmp_path / "g", disks.answers()):
        async with Broker({"a": f"unix:{tmp_path}/g"}) as broker:
            await broker.connect("a").execute(FREEZE)
        assert not disks.frozen


async def test_a_freeze_whose_answer_is_lost_is_undone(tmp_path: Path) -> None:
    disks = Frozen()
    async with guest(tmp_path / "g", disks.answers()) as door, Broker({"a": f"unix:{tmp_path}/g"}) as broker:
        agent = broker.connect("a")
        await agent.execute("guest-ping")
        door.hold()
        asking = asyncio.ensure_future(agent.execute(FREEZE))
        await until(lambda: disks.frozen)
        door.hang_up()
        door.go.set()
        with pytest.raises(Exception, match="closed"):
            await asking
        await until(lambda: not disks.frozen)
        await agent.close()


async def test_a_freeze_whose_client_has_left_is_undone(tmp_path: Path) -> None:
    disks = Frozen()
    async with guest(tmp_path / "g", disks.answers()) as door, Broker({"a": f"unix:{tmp_path}/g"}) as broker:
        agent = broker.connect("a", timeout=0.3)
        await agent.execute("guest-ping")
        door.hold()
        with pytest.raises(GuestTimeout):
            await agent.execute(FREEZE)
        await agent.close()
        door.go.set()
        await until(lambda: not disks.frozen)
        assert broker.states()["a"]["lease"] is None


async def test_a_refused_freeze_is_no_lease(tmp_path: Path) -> None:
    async with (
        guest(tmp_path / "g", {FREEZE: CommandError("no")}),
        Broker({"a": f"unix:{tmp_path}/g"}) as broker,
        broker.connect("a") as agent,
    ):
        with pytest.raises(CommandError):
            await agent.execute(FREEZE)
        assert broker.states()["a"]["lease"] is None


async def test_a_user_s_freeze_outlives_the_connection(tmp_path: Path) -> None:
    disks = Frozen()
    options = GuestOptions(by_user=True, idle=1.5)
    async with (
        guest(tmp_path / "g", disks.answers()),
        Broker({"a": f"unix:{tmp_path}/g"}, tmp_path / "run", options=options) as broker,
    ):
        path = f"unix:{tmp_path}/run/guests/a.sock"
        async with AsyncGuestAgent(path) as agent:
            await agent.execute(FREEZE)
        async with AsyncGuestAgent(path) as agent:
            await agent.execute("guest-ping")
            assert disks.frozen
        await until(lambda: not disks.frozen)  # idle for too long
        assert disks.thaws == 1
        await until(lambda: broker.states()["a"]["lease"] is None)


async def test_what_a_killed_broker_has_left_frozen_is_thawed(tmp_path: Path) -> None:
    disks = Frozen()
    disks.frozen = True
    run = tmp_path / "run"
    run.mkdir()
    (run / "status.json").write_text('{"guests": {"a": {"lease": {"ends": 1}}, "b": {"lease": null}}}')
    async with guest(tmp_path / "g", disks.answers()), Broker({"a": f"unix:{tmp_path}/g"}, run):
        await until(lambda: not disks.frozen)


async def test_a_status_that_says_nothing_thaws_nothing(tmp_path: Path) -> None:
    disks = Frozen()
    for text in ("", "[]", '{"guests": []}', '{"guests": {"a": 3}}'):
        (tmp_path / "status.json").write_text(text)
        async with (
            guest(tmp_path / "g", disks.answers()),
            Broker({"a": f"unix:{tmp_path}/g"}, tmp_path) as broker,
            broker.connect("a") as agent,
        ):
            await agent.execute("guest-ping")
        (tmp_path / "g").unlink()
    assert disks.thaws == 0

from __future__ import annotations

from pathlib import Path

import pytest

from guestwire.broker.options import GuestOptions
from guestwire.broker.principal import Principal
from guestwire.broker.server import Broker
from guestwire.errors import CommandError

from .fakes import guest, until

ALICE, BOB = (Principal(name=name, unrestricted=True) for name in ("alice", "bob"))


async def test_a_user_s_file_outlives_the_connection_for_a_while(tmp_path: Path) -> None:
    options = GuestOptions(by_user=True, idle=1.5)
    async with (
        guest(tmp_path / "g", files={"/x": b"hello"}) as door,
        Broker({"a": f"unix:{tmp_path}/g"}, options=options) as broker,
    ):
        async with broker.connect("a", principal=ALICE) as agent:
            handle = await agent.execute("guest-file-open", {"path": "/x"})
        async with broker.connect("a", principal=BOB) as agent:
            with pytest.raises(CommandError, match=f"handle '{handle}' has not been found"):
                await agent.execute("guest-file-read", {"handle": handle})
        async with broker.connect("a", principal=ALICE) as agent:
            assert (await agent.execute("guest-file-read", {"handle": handle}))["count"] == 5
        await until(lambda: not door.guest._handles)
        async with broker.connect("a", principal=ALICE) as agent:
            with pytest.raises(CommandError, match="has not been found"):
                await agent.execute("guest-file-read", {"handle": handle})


async def test_what_users_have_is_given_up_when_the_broker_ends(tmp_path: Path) -> None:
    async with guest(tmp_path / "g", files={"/x": b""}) as door:
        async with Broker({"a": f"unix:{tmp_path}/g"}, options=GuestOptions(by_user=True)) as broker:
            async with broker.connect("a", principal=ALICE) as agent:
                await agent.execute("guest-file-open", {"path": "/x"})
            assert door.guest._handles
        assert not door.guest._handles

import asyncio
import time

import pytest

from guestwire.errors import CommandDisabled, CommandError

GUEST = "/api/v1/guests/web1"


@pytest.fixture
def freezing(fake):
    """The fake guest can be frozen."""
    state = {"frozen": False}

    def freeze(arguments):
        state["frozen"] = True
        return len(arguments.get("mountpoints", [1, 2, 3]))

    def thaw(arguments):
        was, state["frozen"] = state["frozen"], False
        return 3 if was else 0

    fake.answers["guest-fsfreeze-freeze"] = fake.answers["guest-fsfreeze-freeze-list"] = freeze
    fake.answers["guest-fsfreeze-thaw"] = thaw
    fake.answers["guest-fsfreeze-status"] = lambda _: "frozen" if state["frozen"] else "thawed"
    return state


async def test_a_freeze_has_a_lease_that_everyone_sees(client, freezing):
    answer = await client.post(f"{GUEST}/actions/freeze", json={"lease_seconds": 60})
    told = await answer.json()
    assert (answer.status, told["frozen"]) == (200, 3)
    assert 50 < told["lease"]["ends_at"] - time.time() <= 60
    state = await (await client.get(f"{GUEST}/freeze")).json()
    assert state == {"status": "frozen", "lease": told["lease"]}
    again = await client.post(f"{GUEST}/actions/freeze", json={})
    assert again.status == 409
    thawed = await client.post(f"{GUEST}/actions/thaw", json={})
    assert await thawed.json() == {"thawed": 3}
    assert await (await client.get(f"{GUEST}/freeze")).json() == {"status": "thawed", "lease": None}
    assert not freezing["frozen"]


async def test_the_lease_s_end_thaws(client, freezing):
    await client.post(f"{GUEST}/actions/freeze", json={"lease_seconds": 1, "mountpoints": ["/"]})
    assert freezing["frozen"]
    async with asyncio.timeout(20):
        while freezing["frozen"]:
            await asyncio.sleep(0.02)
    assert client.site.freezes.lease("u-1") is None


async def test_the_daemon_s_end_thaws(client, freezing):
    await client.post(f"{GUEST}/actions/freeze", json={"lease_seconds": 600})
    await client.close()
    assert not freezing["frozen"]


async def test_thawing_what_another_froze(client, freezing):
    freezing["frozen"] = True
    assert await (await client.post(f"{GUEST}/actions/thaw", json={})).json() == {"thawed": 3}


async def test_a_guest_that_refuses(client, fake):
    fake.answers["guest-fsfreeze-freeze"] = CommandError("failed to freeze /: Operation not supported")
    answer = await client.post(f"{GUEST}/actions/freeze", json={})
    assert answer.status == 502
    assert client.site.freezes.lease("u-1") is None
    fake.answers["guest-fsfreeze-freeze"] = CommandDisabled(
        "Command guest-fsfreeze-freeze has been disabled: no"
    )
    assert (await client.post(f"{GUEST}/actions/freeze", json={})).status == 409

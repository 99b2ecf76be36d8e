import pytest

from guestwire.errors import CommandError

PATH = "/api/v1/guests/web1/inventory"


async def test_a_real_agent_tells_of_its_guest(real):
    answer = await real.get(PATH)
    told = await answer.json()
    assert answer.status == 200
    assert told["agent"]["kind"] == ("guestwire" if real.ours else "qemu-ga")
    assert told["hostname"]
    assert told["os"]["kernel-release"]
    assert told["timezone"]["offset_seconds"] is not None
    assert isinstance(told["users"], list)
    if real.ours:
        assert told["process_count"] >= len(told["processes"]) > 0
        assert told["routes"] is not None
    else:
        assert told["unknown"]["processes"] == "no-command"


async def test_it_is_asked_once_in_a_while(client, fake):
    first = await (await client.get(PATH)).json()
    assert await (await client.get(PATH)).json() == first
    assert [name for name, _ in fake.calls].count("guest-info") == 1


@pytest.mark.parametrize("answer", [None, [], {}, "x", [{"user": 1}], CommandError("it \x1b[2J failed")])
async def test_whatever_a_guest_answers_is_a_reason(client, fake, answer):
    names = [
        "guest-get-users",
        "guest-get-osinfo",
        "guest-get-host-name",
        "guest-get-disks",
        "guest-get-timezone",
    ]
    fake.answers.update(dict.fromkeys([*names, "guest-get-memory-blocks", "guestwire-get-metrics"], answer))
    told = await (await client.get(PATH)).json()
    assert told["unknown"]["timezone"]
    assert "\x1b" not in str(told)


async def test_memory_blocks(client, fake):
    fake.answers["guest-get-memory-blocks"] = [
        {"phys-index": 0, "online": True},
        {"phys-index": 1, "online": False},
    ]
    fake.answers["guest-get-memory-block-info"] = {"size": 4096}
    told = await (await client.get(PATH)).json()
    assert told["memory_blocks"] == {"online": 1, "total": 2, "block_bytes": 4096}


async def test_a_guest_that_does_not_answer(client, fake):
    fake.answers["guest-info"] = CommandError("no")
    assert (await client.get(PATH)).status == 502

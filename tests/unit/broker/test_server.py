from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from guestwire.broker.policy import DEFAULT
from guestwire.broker.policy_file import read
from guestwire.broker.principal import Principal
from guestwire.broker.server import Broker
from guestwire.broker.turns import Priority
from guestwire.client import AsyncGuestAgent
from guestwire.errors import ChannelClosed, CommandDisabled, CommandError, ConfigError, StartError
from tests.contract.agents import Agent, running

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    with running(True, tmp_path_factory.mktemp("agent")) as agent:
        yield agent


@pytest.fixture
async def door(upstream: Agent, tmp_path: Path) -> AsyncIterator[str]:
    async with Broker({"web1": f"unix:{upstream.path}"}, tmp_path):
        yield str(tmp_path / "guests" / "web1.sock")


async def ask(door: str, data: bytes, lines: int = 1) -> list[Any]:
    reader, writer = await asyncio.open_unix_connection(door)
    writer.write(data)
    found = [json.loads((await reader.readline()).lstrip(b"\xff")) for _ in range(lines)]
    writer.close()
    await writer.wait_closed()
    return found


async def test_many_clients_get_their_own_answers(door: str) -> None:
    async def client(number: int) -> None:
        ids = range(number * 100, number * 100 + 20)
        data = b"".join(b'{"execute": "guest-ping", "id": %d}\n' % each for each in ids)
        assert await ask(door, data, 20) == [{"return": {}, "id": each} for each in ids]

    await asyncio.gather(*map(client, range(20)))


async def test_a_resync_is_answered_behind_what_is_answered_soon(door: str) -> None:
    data = b'{"execute": "guest-ping", "id": 1}{"execute": "guest-sync-delimited", "arguments": {"id": 7}}\n'
    assert await ask(door, data, 2) == [{"return": {}, "id": 1}, {"return": 7}]


async def test_a_resync_voids_what_takes_longer(tmp_path: Path) -> None:
    async def stuck(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            request = json.loads(line.lstrip(b"\xff"))
            if "sync" in request["execute"]:
                writer.write(b'{"return": %d}\n' % request["arguments"]["id"])
            elif request["execute"] == "guest-ping":
                writer.write(b'{"return": {}}\n')
        writer.close()

    server = await asyncio.start_unix_server(stuck, str(tmp_path / "guest.sock"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("guestwire.broker.patience.VOID", 0.2)
        patch.setattr("guestwire.broker.client.RESYNC_PATIENCE", 0.1)
        async with Broker({"slow": f"unix:{tmp_path}/guest.sock"}, tmp_path):
            sync = b'{"execute": "guest-sync", "arguments": {"id": 7}}'
            data = b'{"execute": "x"}{"execute": "x"}' + sync + b'{"execute": "guest-ping", "id": 9}\n'
            found = await ask(str(tmp_path / "guests" / "slow.sock"), data, 2)
    server.close()
    await asyncio.sleep(0)
    assert found == [{"return": 7}, {"return": {}, "id": 9}]


async def test_faults_keep_their_place(door: str) -> None:
    first, second = await ask(door, b'{"execute": "guest-ping", "id": "a"}\n{"execute": 3, "id": 4}\n', 2)
    assert first == {"return": {}, "id": "a"}
    assert second["id"] == 4
    assert second["error"]["class"] == "GenericError"


async def test_a_file_belongs_to_its_client_and_is_closed_when_it_leaves(door: str, upstream: Agent) -> None:
    one, two = AsyncGuestAgent(f"unix:{door}"), AsyncGuestAgent(f"unix:{door}")
    handle = await one.execute("guest-file-open", {"path": "/etc/passwd"})
    with pytest.raises(CommandError, match=f"handle '{handle}' has not been found"):
        await two.execute("guest-file-read", {"handle": handle})
    assert (await one.execute("guest-file-read", {"handle": handle, "count": 4}))["count"] == 4
    await one.close()
    await two.execute("guest-ping")  # behind the close
    await two.close()
    async with asyncio.timeout(20):
        while any(str(link.resolve()) == "/etc/passwd" for link in _open_files(upstream)):
            await asyncio.sleep(0.01)


def _open_files(upstream: Agent) -> list[Path]:
    return list(Path(f"/proc/{upstream.process.pid}/fd").iterdir())


async def test_a_program_belongs_to_its_client(door: str) -> None:
    async with AsyncGuestAgent(f"unix:{door}") as one, AsyncGuestAgent(f"unix:{door}") as two:
        pid = (await one.execute("guest-exec", {"path": "true"}))["pid"]
        with pytest.raises(CommandError, match="does not exist"):
            await two.execute("guest-exec-status", {"pid": pid})
        assert "exited" in await one.execute("guest-exec-status", {"pid": pid})


async def test_a_client_that_leaves_in_the_middle_harms_nobody(door: str) -> None:
    for _ in range(20):
        _, writer = await asyncio.open_unix_connection(door)
        writer.write(b'{"execute": "guest-info"}\n{"execute": "gue')
        writer.close()
    assert await ask(door, b'{"execute": "guest-ping", "id": 5}\n') == [{"return": {}, "id": 5}]


async def test_a_guest_without_a_socket_is_named_in_the_error(tmp_path: Path) -> None:
    async with Broker({"gone": f"unix:{tmp_path}/none"}, tmp_path):
        [reply] = await ask(str(tmp_path / "guests" / "gone.sock"), b'{"execute": "guest-ping", "id": 1}\n')
        assert "gone" in reply["error"]["desc"]
        assert reply["id"] == 1


def test_a_name_is_no_path(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no slash"):
        Broker({"../x": "unix:/x"}, tmp_path)


async def test_the_sockets_are_for_their_owner(door: str) -> None:
    assert Path(door).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "junk", [b"[" * 990 + b"]" * 990, b'"\\ud800"', b"[" * 5000, b'{"a": 1e999}', b"1} x"]
)
async def test_a_hostile_guest_never_ends_the_service(tmp_path: Path, junk: bytes) -> None:
    async def hostile(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            request = json.loads(line.lstrip(b"\xff"))
            number = request.get("arguments", {}).get("id")
            if number is None and "info" in request["execute"]:
                writer.write(b'{"return": ' + junk + b"}\n")
            else:
                writer.write(b'{"return": %s}\n' % (b"{}" if number is None else b"%d" % number))
        writer.close()

    server = await asyncio.start_unix_server(hostile, str(tmp_path / "guest.sock"))
    async with Broker({"evil": f"unix:{tmp_path}/guest.sock"}, tmp_path):
        data = b'{"execute": "guest-info", "id": 1}{"execute": "guest-ping", "id": 2}\n'
        first, second = await ask(str(tmp_path / "guests" / "evil.sock"), data, 2)
    server.close()
    await asyncio.sleep(0)
    assert first["id"] == 1
    assert second == {"return": {}, "id": 2}


async def test_the_same_process_asks_without_a_socket(upstream: Agent) -> None:
    async with Broker({"web1": f"unix:{upstream.path}"}) as broker:
        async with broker.connect("web1", priority=Priority.POLL) as agent:
            assert await agent.execute("guest-ping") == {}
            assert await agent.read_file("/etc/hostname")
            assert broker.states()["web1"]["clients"] == 1
        state = broker.states()["web1"]
        assert (state["state"], state["reason"], state["clients"], state["lease"]) == ("up", "", 0, None)
        assert state["socket"] is None


async def test_guests_come_and_go_while_it_runs(upstream: Agent, tmp_path: Path) -> None:
    async with Broker({}, tmp_path) as broker:
        await broker.add("late", f"unix:{upstream.path}")
        door = tmp_path / "guests" / "late.sock"
        assert await ask(str(door), b'{"execute": "guest-ping", "id": 1}') == [{"return": {}, "id": 1}]
        local = broker.connect("late")
        assert await local.execute("guest-ping") == {}
        reader, writer = await asyncio.open_unix_connection(str(door))
        await broker.remove("late")
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
        assert not door.exists()
        with pytest.raises(ChannelClosed):
            await local.execute("guest-ping")
        with pytest.raises(ConfigError, match="no guest 'late'"):
            await broker.remove("late")
        assert broker.states() == {}


async def test_a_guest_cannot_be_there_twice(tmp_path: Path) -> None:
    async with Broker({"one": f"unix:{tmp_path}/x"}) as broker:
        with pytest.raises(ConfigError, match="there already"):
            await broker.add("one", f"unix:{tmp_path}/y")


async def test_status_json_says_how_the_guests_are(upstream: Agent, tmp_path: Path) -> None:
    guests = {"web1": f"unix:{upstream.path}", "gone": f"unix:{tmp_path}/none"}
    async with Broker(guests, tmp_path / "run"):
        path = tmp_path / "run" / "status.json"
        async with asyncio.timeout(20):
            while {"up", "down"} != {
                each["state"] for each in json.loads(path.read_text())["guests"].values()
            }:
                await asyncio.sleep(0.05)
        found = json.loads(path.read_text())["guests"]
        assert found["web1"]["socket"] == str(tmp_path / "run" / "guests" / "web1.sock")
        assert found["gone"]["reason"].startswith("no socket")
    assert not path.exists()


async def test_a_second_broker_is_refused(tmp_path: Path) -> None:
    async with Broker({}, tmp_path):
        with pytest.raises(StartError, match="another broker"):
            await Broker({}, tmp_path).__aenter__()


async def test_a_socket_s_path_has_a_length(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="107 bytes"):
        await Broker({"x" * 120: "unix:/x"}, tmp_path).__aenter__()


async def test_a_silent_guest_is_told_at_once_and_heard_when_it_is_back(tmp_path: Path) -> None:
    awake = asyncio.Event()

    async def sleeper(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await awake.wait()
        while line := await reader.readline():
            number = json.loads(line.lstrip(b"\xff")).get("arguments", {}).get("id")
            writer.write(b'{"return": %s}\n' % (b"{}" if number is None else b"%d" % number))
        writer.close()

    server = await asyncio.start_unix_server(sleeper, str(tmp_path / "guest.sock"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("guestwire.broker.upstream.SETTLING", 0.05)
        async with Broker({"slow": f"unix:{tmp_path}/guest.sock"}) as broker, broker.connect("slow") as agent:
            with pytest.raises(ChannelClosed, match="silent"):
                await agent.execute("guest-ping")
            assert broker.states()["slow"]["state"] == "silent"
            awake.set()
            async with asyncio.timeout(20):
                while broker.states()["slow"]["state"] != "up":
                    await asyncio.sleep(0.01)
            assert await agent.execute("guest-ping") == {}
    server.close()
    await asyncio.sleep(0)


async def test_what_the_policy_denies_says_so_and_a_new_policy_holds_at_once(upstream: Agent) -> None:
    viewer = Principal(name="v", roles=frozenset(("viewer",)))
    async with (
        Broker({"web1": f"unix:{upstream.path}"}) as broker,
        broker.connect("web1", principal=viewer) as agent,
    ):
        assert await agent.execute("guest-get-host-name")
        with pytest.raises(CommandDisabled, match="denied by the broker's policy for v on web1"):
            await agent.execute("guest-exec", {"path": "true"})
        broker.adopt(read({"rule": [{"who": ["role:viewer"], "allow": ["exec"]}]}))
        assert await agent.execute("guest-exec", {"path": "true"})
        with pytest.raises(CommandDisabled):
            await agent.execute("guest-get-host-name")


async def test_sockets_are_as_the_policy_says(tmp_path: Path) -> None:
    everyone = read({"rule": [{"who": ["everyone"], "guests": ["open"], "allow": ["audit"]}]})
    async with Broker({"open": "unix:/none", "shut": "unix:/none"}, tmp_path, policy=everyone) as broker:
        folder = tmp_path / "guests"
        assert (folder / "open.sock").stat().st_mode & 0o777 == 0o666
        assert (folder / "shut.sock").stat().st_mode & 0o777 == 0o600
        assert folder.stat().st_mode & 0o777 == 0o711
        broker.adopt(DEFAULT)
        assert (folder / "open.sock").stat().st_mode & 0o777 == 0o600
        assert folder.stat().st_mode & 0o777 == 0o700

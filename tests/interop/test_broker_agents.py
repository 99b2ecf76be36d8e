"""Both agents behind the broker, with clients that die at any moment: nobody gets another one's answer."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.agents import ORACLE, Agent, running

from guestwire.broker.server import Broker

CLIENTS = 50
CALLS = 12


@pytest.fixture(scope="module", params=["ours", "qemu-ga"])
def agent(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    ours = request.param == "ours"
    if not ours and not Path(ORACLE).exists():
        pytest.skip(f"{ORACLE} is not installed")
    with running(ours, tmp_path_factory.mktemp("agent")) as agent:
        yield agent


async def client(door: str, folder: Path, number: int) -> int:
    """Read a file of its own again and again, and die now and then; returns the answers that were right."""
    choice = random.Random(number)
    content = f"{number:08d}"
    path = folder / content
    path.write_text(content * 4)
    right = 0
    for call in range(CALLS):
        reader, writer = await asyncio.open_unix_connection(door)
        opening = {"execute": "guest-file-open", "arguments": {"path": str(path)}, "id": [number, call]}
        writer.write(json.dumps(opening).encode() + b"\n")
        if choice.random() < 0.4:
            writer.transport.abort()  # an open file of nobody is under way
            continue
        opened = json.loads(await reader.readline())
        assert opened["id"] == [number, call]
        reading = {"execute": "guest-file-read", "arguments": {"handle": opened["return"], "count": 32}}
        writer.write(json.dumps(reading).encode() + b"\n")
        answer = json.loads(await reader.readline())["return"]
        assert answer["count"] == 32
        assert answer == {**answer, "buf-b64": _base64(content * 4)}
        right += 1
        writer.transport.abort()
    return right


def _base64(text: str) -> str:
    import base64

    return base64.b64encode(text.encode()).decode()


async def test_no_wrong_answer_and_no_open_file_is_left(agent: Agent, tmp_path: Path) -> None:
    async with Broker({"web1": f"unix:{agent.path}"}, tmp_path / "run"):
        door = str(tmp_path / "run" / "guests" / "web1.sock")
        right = await asyncio.gather(*(client(door, tmp_path, number) for number in range(CLIENTS)))
        assert all(right)
        async with asyncio.timeout(30):
            while any(tmp_path in file.parents for file in _open_files(agent)):
                await asyncio.sleep(0.01)


def _open_files(agent: Agent) -> list[Path]:
    return [link.resolve() for link in Path(f"/proc/{agent.process.pid}/fd").iterdir()]


async def test_qemu_s_own_client_works_through_it(agent: Agent, tmp_path: Path) -> None:
    from qemu.qmp import ExecuteError, QMPClient

    async with Broker({"web1": f"unix:{agent.path}"}, tmp_path / "run"):
        clients = [QMPClient(str(number)) for number in range(5)]
        for client in clients:
            client.await_greeting = client.negotiate = False
            await client.connect(str(tmp_path / "run" / "guests" / "web1.sock"))
        try:
            for _ in range(20):
                names = await asyncio.gather(*(each.execute("guest-get-host-name") for each in clients))
                assert len({json.dumps(name) for name in names}) == 1
                await asyncio.gather(*(each.execute("guest-ping") for each in clients))
            with pytest.raises(ExecuteError, match="has not been found"):
                await clients[0].execute("guest-file-read", {"handle": 1})
        finally:
            for client in clients:
                await client.disconnect()

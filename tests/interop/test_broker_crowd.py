"""A crowd: 50 clients on 20 guests, of which some die at any moment. Nobody gets another's answer, none is lost."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from pathlib import Path

import pytest
from tests.unit.broker.fakes import Door, guest, until

from guestwire.broker.server import Broker

GUESTS, CLIENTS, CALLS, DEATHS = 20, 50, 16, 40

pytestmark = pytest.mark.timeout(100)


async def client(folder: Path, number: int, chance: random.Random) -> int:
    """Open, read and close files whose content says whose they are; die now and then. Returns how many were right."""
    right = 0
    for call in range(CALLS):
        where = chance.randrange(GUESTS)
        path, mark = str(folder / "run" / "guests" / f"g{where}.sock"), [number, call]
        reader, writer = await asyncio.open_unix_connection(path)
        try:
            right += await _work(reader, writer, where, mark, chance)
        finally:
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
    return right


async def _work(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    where: int,
    mark: list[int],
    chance: random.Random,
) -> int:
    async def ask(name: str, **arguments: object) -> dict[str, object]:
        request = {"execute": name, "arguments": arguments, "id": mark}
        writer.write(json.dumps(request).encode() + b"\n")
        if chance.random() < 0.15:
            raise EOFError  # it dies with its request under way
        async with asyncio.timeout(60):
            answer: dict[str, object] = json.loads(await reader.readline())
        assert answer["id"] == mark
        return answer

    try:
        opened = await ask("guest-file-open", path=f"/{mark[0]}")
        if "error" in opened:
            return _is_loss(opened)
        read = await ask("guest-file-read", handle=opened["return"], count=20)
        if "error" in read:
            return _is_loss(read)
        assert read["return"] == {"count": 2, "buf-b64": _content(mark[0]), "eof": True}
        told = await ask("guest-get-host-name")
        if "error" in told:
            return _is_loss(told)
        assert told["return"] == {"host-name": f"g{where}"}
    except EOFError:
        return 0
    return 1


def _is_loss(answer: dict[str, object]) -> int:
    error = answer["error"]
    assert isinstance(error, dict)
    assert error["class"] == "DeviceNotActive" or "has not been found" in error["desc"], answer
    return 0


def _content(number: int) -> str:
    import base64

    return base64.b64encode(b"%02d" % number).decode()


async def _deaths(doors: list[Door], chance: random.Random) -> None:
    for _ in range(DEATHS):
        await asyncio.sleep(0.05)
        chance.choice(doors).hang_up()


async def test_no_wrong_answer_no_lost_answer_no_open_file(tmp_path: Path) -> None:
    files = {f"/{number}": b"%02d" % number for number in range(CLIENTS)}
    chance = random.Random(4)
    async with contextlib.AsyncExitStack() as stack:
        doors = [
            await stack.enter_async_context(
                guest(
                    tmp_path / f"g{number}", {"guest-get-host-name": {"host-name": f"g{number}"}}, files=files
                )
            )
            for number in range(GUESTS)
        ]
        addresses = {f"g{number}": f"unix:{tmp_path}/g{number}" for number in range(GUESTS)}
        broker = await stack.enter_async_context(Broker(addresses, tmp_path / "run"))
        await until(lambda: all(each["state"] == "up" for each in broker.states().values()))
        deaths = asyncio.ensure_future(_deaths(doors, chance))
        async with asyncio.timeout(80):
            right = await asyncio.gather(
                *(client(tmp_path, number, random.Random(number)) for number in range(CLIENTS))
            )
        deaths.cancel()
        assert sum(right) > CLIENTS * CALLS * 0.3
        await until(lambda: all(each["clients"] == 0 for each in broker.states().values()))
        for name in addresses:
            async with broker.connect(name) as agent:
                await agent.wait_ready(timeout=20)
        left = [len(door.guest._handles) for door in doors]
        # an open whose answer died with the guest's connection is nobody's to close: only that may be left
        assert sum(left) <= sum(right) * 0.02, left

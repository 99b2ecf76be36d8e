from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from guestwire.broker import door as doors
from guestwire.broker.server import Broker
from guestwire.errors import StartError

from .fakes import guest, until


async def test_one_user_cannot_have_all_connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "MOST_OF_ONE", 2)
    async with guest(tmp_path / "g"), Broker({"a": f"unix:{tmp_path}/g"}, tmp_path / "run") as broker:
        path = str(tmp_path / "run" / "guests" / "a.sock")
        first, second, third = [await asyncio.open_unix_connection(path) for _ in range(3)]
        assert await third[0].read() == b""
        assert broker.states()["a"]["clients"] == 2
        first[1].close()
        await until(lambda: broker.states()["a"]["clients"] == 1)
        again = await asyncio.open_unix_connection(path)
        again[1].write(b'{"execute": "guest-ping"}\n')
        assert await again[0].readline() == b'{"return": {}}\n'
        for _, writer in (second, third, again):
            writer.close()
            await writer.wait_closed()


async def test_a_client_that_does_not_read_is_not_read_either(tmp_path: Path) -> None:
    async with (
        guest(tmp_path / "g", {"large": "x" * 500_000}) as behind,
        Broker({"a": f"unix:{tmp_path}/g"}, tmp_path / "run") as broker,
    ):
        greedy = socket.socket(socket.AF_UNIX)
        greedy.setblocking(False)
        greedy.connect(str(tmp_path / "run" / "guests" / "a.sock"))
        greedy.send(b'{"execute": "large"}\n' * 1000)
        async with broker.connect("a") as other:
            for _ in range(150):
                await other.execute("guest-ping")
        greedy.close()
        assert [name for name, _ in behind.guest.calls].count("large") < 20  # not the thousand
        await until(lambda: broker.states()["a"]["clients"] == 0)


async def test_what_is_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "guests" / "a.sock").mkdir(parents=True)
    with pytest.raises(StartError, match=r"a\.sock"):
        await Broker({"a": "unix:/x"}, tmp_path).__aenter__()


async def test_a_socket_left_by_a_dead_broker_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "guests").mkdir()
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / "guests" / "a.sock"))
    left.close()
    async with Broker({"a": "unix:/x"}, tmp_path) as broker:
        answer: Any = broker.states()["a"]
        assert answer["socket"].endswith("a.sock")


async def test_thousands_of_requests_in_one_write_keep_their_order(tmp_path: Path) -> None:
    async with guest(tmp_path / "g"), Broker({"a": f"unix:{tmp_path}/g"}, tmp_path / "run"):
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / "run" / "guests" / "a.sock"))
        kinds = (
            b'{"execute": 3, "id": %d}',
            b'{"execute": "guest-ping", "id": %d}',
        )
        writer.write(b"".join(kinds[0 if number < 3000 else number % 2] % number for number in range(4000)))
        async with asyncio.timeout(30):
            found = [json.loads(await reader.readline())["id"] for _ in range(4000)]
        assert found == list(range(4000))
        writer.close()
        await writer.wait_closed()

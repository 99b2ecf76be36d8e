from __future__ import annotations

import asyncio
import json
from pathlib import Path

from guestwire.broker.server import Broker

from .fakes import guest, until


async def test_a_file_whose_opener_has_left_is_closed(tmp_path: Path) -> None:
    async with (
        guest(tmp_path / "g", files={"/x": b""}) as door,
        Broker({"a": f"unix:{tmp_path}/g"}, tmp_path / "run") as broker,
    ):
        await until(lambda: broker.states()["a"]["state"] == "up")
        door.hold()
        _, writer = await asyncio.open_unix_connection(str(tmp_path / "run" / "guests" / "a.sock"))
        writer.write(b'{"execute": "guest-file-open", "arguments": {"path": "/x"}}\n')
        await until(lambda: door.guest._handles)
        writer.transport.abort()
        await until(lambda: broker.states()["a"]["clients"] == 0)
        door.go.set()
        await until(lambda: not door.guest._handles)


async def test_a_close_counts_even_when_its_client_no_longer_waits(tmp_path: Path) -> None:
    async with (
        guest(tmp_path / "g", files={"/x": b""}) as door,
        Broker({"a": f"unix:{tmp_path}/g"}) as broker,
        broker.connect("a", timeout=0.3) as agent,
    ):
        handle = await agent.execute("guest-file-open", {"path": "/x"})
        door.hold()
        closing = asyncio.ensure_future(agent.execute("guest-file-close", {"handle": handle}))
        await asyncio.gather(closing, return_exceptions=True)
        door.go.set()
        await agent.execute("guest-ping", timeout=20)
        await agent.close()
        assert [name for name, _ in door.guest.calls].count("guest-file-close") == 1


async def test_one_that_sends_no_more_still_gets_its_answers(tmp_path: Path) -> None:
    async with guest(tmp_path / "g"), Broker({"a": f"unix:{tmp_path}/g"}, tmp_path / "run") as broker:
        path = str(tmp_path / "run" / "guests" / "a.sock")
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b'{"execute": "guest-ping", "id": 1}{"execute": "guest-ping", "id": 2}')
        writer.write_eof()
        lines = (await reader.read()).splitlines()
        assert [json.loads(line)["id"] for line in lines] == [1, 2]
        writer.close()
        await writer.wait_closed()
        await until(lambda: broker.states()["a"]["clients"] == 0)


async def test_arguments_that_cannot_be_passed_on_are_refused_in_their_place(tmp_path: Path) -> None:
    async with guest(tmp_path / "g"), Broker({"a": f"unix:{tmp_path}/g"}, tmp_path / "run"):
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / "run" / "guests" / "a.sock"))
        text = '{"execute": "guest-file-write", "arguments": {"handle": 1, "buf-b64": "%s"}, "id": %d}'
        writer.write((text % ("!" * 10_000, 1)).encode() + b'{"execute": "guest-ping", "id": 2}\n')
        first, second = [json.loads(await reader.readline()) for _ in range(2)]
        assert (first["id"], "base64" in first["error"]["desc"]) == (1, True)
        assert second == {"return": {}, "id": 2}
        writer.close()
        await writer.wait_closed()

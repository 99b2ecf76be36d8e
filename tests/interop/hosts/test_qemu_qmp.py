"""`qemu.qmp`, QEMU's own asyncio client, on an agent's channel."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from qemu.qmp import ExecuteError, QMPClient
from tests.contract.agents import Agent  # noqa: TC002


@contextlib.asynccontextmanager
async def connected(agent: Agent) -> AsyncIterator[QMPClient]:
    """A client that expects no greeting: an agent has none."""
    client = QMPClient("guest")
    client.await_greeting = False
    client.negotiate = False
    await client.connect(str(agent.path))
    try:
        yield client
    finally:
        await client.disconnect()


async def test_calls(agent: Agent) -> None:
    async with connected(agent) as client:
        assert await client.execute("guest-sync", {"id": 4711}) == 4711
        assert await client.execute("guest-ping") == {}
        info = await client.execute("guest-info")
        assert isinstance(info, dict)
        assert "guest-exec" in {command["name"] for command in info["supported_commands"]}


async def test_errors(agent: Agent) -> None:
    async with connected(agent) as client:
        with pytest.raises(ExecuteError, match="failed to open file '/none'"):
            await client.execute("guest-file-open", {"path": "/none"})
        with pytest.raises(ExecuteError, match="has not been found"):
            await client.execute("guest-nonsense")


async def test_a_file_both_ways(agent: Agent, folder: Path) -> None:
    path, data = folder / "file", bytes(range(256)) * 100
    async with connected(agent) as client:
        handle = await client.execute("guest-file-open", {"path": str(path), "mode": "w+"})
        buffer = base64.b64encode(data).decode()
        await client.execute("guest-file-write", {"handle": handle, "buf-b64": buffer})
        await client.execute("guest-file-seek", {"handle": handle, "offset": 0, "whence": 0})
        read = await client.execute("guest-file-read", {"handle": handle, "count": 48 << 10})
        await client.execute("guest-file-close", {"handle": handle})
    assert isinstance(read, dict)
    assert base64.b64decode(read["buf-b64"]) == data == path.read_bytes()

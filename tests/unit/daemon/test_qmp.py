from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from guestwire.client.address import UnixAddress
from guestwire.daemon import qmp
from guestwire.daemon.qmp import View
from guestwire.monitor.targets import GuestState

GREETING = (
    b'{"QMP": {"version": {"qemu": {"micro": 0, "minor": 2, "major": 7}}, "capabilities": ["oob"]}}\r\n'
)
EVENT = b'{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "RESUME"}\r\n'


class Monitor:
    """A QEMU's monitor: answers each command with what `answers` has for it, and says `before` first."""

    def __init__(self, answers: dict[str, Any], before: bytes = GREETING) -> None:
        self.answers = answers
        self.before = before
        self.here = 0
        self.visits = 0
        self.writers: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.here += 1
        self.visits += 1
        self.writers.add(writer)
        try:
            await self._talk(reader, writer)
        except OSError:
            pass
        finally:
            self.writers.discard(writer)
            writer.close()
            self.here -= 1

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self.before)
        while line := await reader.readline():
            request = json.loads(line)
            answer = self.answers.get(request["execute"], {"return": {}})
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                wired = {**answer, "id": request["id"]} if "id" in request else answer
                writer.write(EVENT + json.dumps(wired).encode() + b"\r\n")

    async def alone(self) -> None:
        """Until nobody is here any more."""
        async with asyncio.timeout(20):
            while self.here:
                await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def monitor(path: Path, status: Any = None, balloon: Any = None, **more: Any) -> AsyncIterator[Monitor]:
    there = Monitor(
        {"query-status": status or {"return": {"status": "running"}}, "query-balloon": balloon}, **more
    )
    if balloon is None:
        del there.answers["query-balloon"]
    server = await asyncio.start_unix_server(there.serve, str(path))
    try:
        yield there
    finally:
        server.close()
        for writer in list(there.writers):
            writer.transport.abort()
        await there.alone()


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("running", GuestState.RUNNING),
        ("paused", GuestState.PAUSED),
        ("io-error", GuestState.PAUSED),
        ("inmigrate", GuestState.MIGRATING),
        ("postmigrate", GuestState.MIGRATING),
        ("shutdown", GuestState.OFF),
        ("a new word", None),
    ],
)
async def test_states(tmp_path: Path, word: str, state: GuestState | None) -> None:
    async with monitor(tmp_path / "q", {"return": {"status": word, "running": word == "running"}}) as there:
        assert await qmp.ask(UnixAddress(f"{tmp_path}/q"), 20) == View(state, None)
        await there.alone()  # it leaves at once


@pytest.mark.parametrize(
    ("answer", "size"),
    [
        ({"return": {"actual": 536870912}}, 536870912),
        ({"error": {"class": "DeviceNotActive", "desc": "No balloon device has been activated"}}, None),
        ({"return": {"actual": True}}, None),
        ({"return": {"actual": -1}}, None),
        ({"return": {"actual": 2**60}}, None),
        ({"return": {"actual": "many"}}, None),
        ({"return": [1]}, None),
    ],
)
async def test_the_balloon(tmp_path: Path, answer: Any, size: int | None) -> None:
    async with monitor(tmp_path / "q", balloon=answer):
        assert await qmp.ask(UnixAddress(f"{tmp_path}/q"), 20) == View(GuestState.RUNNING, size)


@pytest.mark.parametrize(
    "status", [[], "x", {"return": []}, {"return": {"status": [1]}}, {"return": {"status": None}}]
)
async def test_a_status_of_another_form_says_nothing(tmp_path: Path, status: Any) -> None:
    wired = status if isinstance(status, dict) else {"return": status}
    async with monitor(tmp_path / "q", wired):
        assert await qmp.ask(UnixAddress(f"{tmp_path}/q"), 20) == View(None, None)


@pytest.mark.parametrize(
    "junk",
    [
        pytest.param(b"x" * (1 << 20), id="endless line"),
        pytest.param(b"not json\n", id="no JSON"),
        pytest.param(b"[" * 5000 + b"\n", id="deep"),
        pytest.param(b"\xff\xfe\n", id="no UTF-8"),
        pytest.param(b"7\n" * 100, id="no objects"),
        pytest.param(b'{"event": "A"}\n' * 100, id="nothing but events"),
    ],
)
async def test_junk_is_no_answer(tmp_path: Path, junk: bytes) -> None:
    async with monitor(tmp_path / "q", before=junk):
        assert await qmp.ask(UnixAddress(f"{tmp_path}/q"), 20) is None


async def test_one_that_another_program_holds(tmp_path: Path) -> None:
    async with monitor(tmp_path / "q", before=b"") as there:
        there.answers = dict.fromkeys(("qmp_capabilities", "query-status", "query-balloon"), b"")
        assert await qmp.ask(UnixAddress(f"{tmp_path}/q"), 0.05) is None


async def test_one_that_hangs_up(tmp_path: Path) -> None:
    async with monitor(tmp_path / "q") as there:
        asking = asyncio.ensure_future(qmp.ask(UnixAddress(f"{tmp_path}/q"), 20))
        there.answers = dict.fromkeys(("qmp_capabilities", "query-status", "query-balloon"), b"")
        async with asyncio.timeout(20):
            while not there.writers:
                await asyncio.sleep(0.005)
        for writer in there.writers:
            writer.transport.abort()
        assert await asking is None


async def test_none_there(tmp_path: Path) -> None:
    assert await qmp.ask(UnixAddress(f"{tmp_path}/q"), 20) is None
    (tmp_path / "file").touch()
    assert await qmp.ask(UnixAddress(f"{tmp_path}/file"), 20) is None
    assert await qmp.ask(UnixAddress("/" + "x" * 200), 20) is None

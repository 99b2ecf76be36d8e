"""The broker between rude clients and a rude guest: who asks properly gets his own answer, or an error.

The guest hangs up, is late, answers in pieces, sends junk or a line too many, claims another's id. What it does not do
is answer with another request's value, which nobody could tell. GUESTWIRE_FUZZ_SECONDS makes it go on for longer.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from guestwire.broker import upstream
from guestwire.broker.options import GuestOptions
from guestwire.broker.server import Broker
from tests.unit.broker.fakes import until

SECONDS = float(os.environ.get("GUESTWIRE_FUZZ_SECONDS", "3"))
CLIENTS = 12
PATIENCE = 0.05  # seconds that the broker waits for an answer
NAMES = ("site-echo", "guest-get-echo", "guest-ping")

pytestmark = pytest.mark.timeout(SECONDS + 100)


class RudeGuest:
    """Answers every request with its own arguments, and misbehaves one time in fifteen."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.asked = 0
        self.open: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.add(writer)
        try:
            while line := await reader.readline():
                await self._answer(line.strip(b"\xff"), writer)
        except (OSError, ValueError):
            pass
        finally:
            self.open.discard(writer)
            writer.close()

    async def _answer(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        request = json.loads(line)
        arguments = request.get("arguments") or {}
        if request["execute"].startswith("guest-sync"):
            writer.write(b'\xff{"return": %d}\n' % arguments["id"])
            return
        self.asked += 1
        value = {} if request["execute"] == "guest-ping" else arguments
        answer = json.dumps({"return": value}).encode() + b"\n"
        if self.chance.random() < 1 / 15:
            await self._misbehave(answer, writer, several=request["execute"] == "guest-ping")
        else:
            writer.write(answer)

    async def _misbehave(self, answer: bytes, writer: asyncio.StreamWriter, *, several: bool) -> None:
        """`several`: more such requests may wait, so that a line too many would be the answer to the next one."""
        way = self.chance.randrange(7)
        if way == 0:
            writer.transport.abort()
        elif way == 1:
            await asyncio.sleep(2 * PATIENCE)
            writer.write(answer)
        elif way == 2:
            for index in range(len(answer)):
                writer.write(answer[index : index + 1])
                await asyncio.sleep(0)
        else:
            writer.write(
                (
                    answer if several else answer + b'{"return": "nobody asked"}\n',
                    answer[:-2] + b', "id": 1}\n',
                    self.chance.randbytes(50).replace(b"\n", b"") + b"\n",
                    b"\xff" * 3 + b'{"error": {"class": "GenericError", "desc": "no"}}\n',
                )[way - 3]
            )


class Polite:
    """A client that keeps count: each of its requests must have one answer, with its id and its own mark."""

    def __init__(self, path: Path, number: int, chance: random.Random) -> None:
        self.path = path
        self.number = number
        self.chance = chance
        self.good = self.bad = 0

    async def run(self, ends: float) -> None:
        while time.monotonic() < ends:
            reader, writer = await asyncio.open_unix_connection(str(self.path))
            try:
                for round_ in range(self.chance.randrange(1, 12)):
                    await self._burst(reader, writer, round_)
            finally:
                writer.transport.abort()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()

    async def _burst(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, round_: int) -> None:
        expected: list[tuple[Any, Any]] = []
        data = b""
        for index in range(self.chance.randrange(1, 5)):
            mark, name = [self.number, round_, index], self.chance.choice(NAMES)
            arguments = {} if name == "guest-ping" else {"mark": mark}
            data += json.dumps({"execute": name, "arguments": arguments, "id": mark}).encode() + b"\n"
            expected.append((mark, arguments))
        for piece in _pieces(data, self.chance):
            writer.write(piece)
            await asyncio.sleep(0)
        for mark, value in expected:
            async with asyncio.timeout(60):
                answer = json.loads(await reader.readline())
            assert answer["id"] == mark
            if "return" in answer:
                assert answer["return"] == value, (answer, value)
                self.good += 1
            else:
                assert set(answer["error"]) == {"class", "desc"}
                self.bad += 1


async def _rude_client(path: Path, chance: random.Random, ends: float) -> None:
    """Says anything, reads seldom, leaves in the middle."""
    while time.monotonic() < ends:
        reader, writer = await asyncio.open_unix_connection(str(path))
        for _ in range(chance.randrange(1, 8)):
            for piece in _pieces(_rubbish(chance), chance):
                writer.write(piece)
            await asyncio.sleep(chance.choice((0, 0, 0.002)))
            if chance.random() < 0.3:
                with contextlib.suppress(TimeoutError, OSError):
                    async with asyncio.timeout(0.002):
                        await reader.read(1 << 16)
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _rubbish(chance: random.Random) -> bytes:
    return chance.choice(
        (
            chance.randbytes(chance.randrange(1, 3000)),
            b"\xff" * chance.randrange(1, 100),
            b"[" * chance.randrange(1, 3000) + b"\n",
            b'{"execute": "guest-sync", "arguments": {"id": %d}}\n' % chance.randrange(-(2**64), 2**64),
            b'\xff{"execute": "guest-sync-delimited", "arguments": {"id": 7}}\n',
            b'{"execute": "site-echo", "arguments": {"mark": "mine"}, "id": [0, 0, 0]}\n' * 20,
            b'{"execute": "guest-get-echo", "arguments": {"mark": 1e999}}\n{"execute": "x"',
            b'{"execute": "guest-file-open", "arguments": {"path": "/x"}}\n',
            b'{"execute": "%b", "id": {"deep": [1, {"er": null}]}}' % chance.choice(NAMES).encode(),
        )
    )


def _pieces(data: bytes, chance: random.Random) -> list[bytes]:
    cut = sorted(chance.randrange(len(data) + 1) for _ in range(chance.randrange(3)))
    return [data[a:b] for a, b in zip([0, *cut], [*cut, len(data)], strict=True)]


@contextlib.asynccontextmanager
async def rude_guest(path: Path, chance: random.Random) -> AsyncIterator[RudeGuest]:
    there = RudeGuest(chance)
    server = await asyncio.start_unix_server(there.serve, str(path))
    try:
        yield there
    finally:
        server.close()
        for writer in list(there.open):
            writer.transport.abort()
        await until(lambda: not there.open)


@pytest.mark.parametrize("seed", [int(os.environ.get("GUESTWIRE_FUZZ_SEED", "20"))])
async def test_everybody_gets_his_own(
    tmp_path: Path, seed: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upstream, "_LONGEST_PAUSE", 0.05)  # such a guest would be asked seldom
    chance = random.Random(seed)
    caplog.set_level(logging.WARNING)
    options = GuestOptions(timeout=PATIENCE)
    path = tmp_path / "run" / "guests" / "g.sock"
    async with (
        rude_guest(tmp_path / "g", chance) as guest,
        Broker({"g": f"unix:{tmp_path}/g"}, tmp_path / "run", options=options) as broker,
    ):
        await until(lambda: broker.states()["g"]["state"] == "up")
        ends = time.monotonic() + SECONDS
        polite = [Polite(path, number, chance) for number in range(1, CLIENTS + 1)]
        rude = [_rude_client(path, chance, ends) for _ in range(CLIENTS // 2)]
        await asyncio.gather(*(client.run(ends) for client in polite), *rude)
        await until(lambda: broker.states()["g"]["clients"] == 0)
        assert sum(client.good for client in polite) > 0
        assert guest.asked > 0
    noise = [record.getMessage() for record in caplog.records]
    assert not [text for text in noise if "exception" in text.lower() or "Traceback" in text]

"""The client library against qemu.qmp, and against what a plain socket does, with QEMU's agent as the guest."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bench.pairs import Figure, interleave
from bench.subjects import C_AGENT, Subject
from guestwire.client import AsyncGuestAgent, GuestAgent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOTES = """
For the pings, the agent has one processor to itself and the client another, as a guest and its host have; where the
scheduler is left to place both on one, everything is bound by the agent. "Plain" is a socket with `sendall`, `recv` and
`json.loads` and nothing else: what a client that sleeps for its answers can reach here. Ours polls for some 50 us
before it sleeps (`client/transports/polling.py`), which is why it may be quicker than that.
"""
PING = b'{"execute":"guest-ping"}\n'
FSINFO = b'{"execute":"guest-get-fsinfo"}\n'
PIECE = 1 << 20


def run(folder: Path, quick: bool) -> Iterator[Figure]:
    """Every figure of the client."""
    subject = Subject([C_AGENT], folder)
    subject.line.close()
    path = str(subject.path)
    calls, rounds, size = (300, 3, 8 << 20) if quick else (2000, 15, 64 << 20)
    try:
        with _processors(subject.process.pid):
            yield from _calls(path, calls, rounds)
        yield from _typed(path, calls, rounds)
        yield from _copies(path, folder, size, 3 if quick else 5)
    finally:
        subject.close()


def _calls(path: str, calls: int, rounds: int) -> Iterator[Figure]:
    def blocking() -> float:
        with GuestAgent(path) as agent:
            return calls / _wall(agent.guest_ping, calls)

    def plain() -> float:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(path)
            return calls / _wall(lambda: (line.sendall(PING), json.loads(line.recv(1 << 16))), calls)

    async def aio() -> float:
        async with AsyncGuestAgent(path) as agent:
            return calls / await _async_wall(agent.guest_ping, calls)

    async def qmp() -> float:
        from qemu.qmp import QMPClient

        client = QMPClient()
        client.await_greeting = client.negotiate = False
        await client.connect(path)
        try:
            return calls / await _async_wall(lambda: client.execute("guest-ping"), calls)
        finally:
            await client.disconnect()

    for name, ours, at_least, goal in (
        ("guest_ping, blocking, against qemu.qmp", blocking, 4, 6),
        ("guest_ping, asyncio, against qemu.qmp", lambda: asyncio.run(aio()), 2, 3.5),
        ("plain socket and json, against qemu.qmp", plain, None, None),
    ):
        figures = interleave(ours, lambda: asyncio.run(qmp()), rounds)
        yield Figure(name, *figures, "calls/s", at_least, goal, more_is_better=True)


@contextmanager
def _processors(agent: int) -> Iterator[None]:
    """Keep the process `agent` and this one on processors of their own, where there are two."""
    allowed = os.sched_getaffinity(0)
    if len(allowed) < 2:
        yield
        return
    first, second, *_ = sorted(allowed)
    os.sched_setaffinity(agent, {first})
    os.sched_setaffinity(0, {second})
    try:
        yield
    finally:
        os.sched_setaffinity(agent, allowed)
        os.sched_setaffinity(0, allowed)


def _typed(path: str, calls: int, rounds: int) -> Iterator[Figure]:
    def ours() -> float:
        with GuestAgent(path) as agent:
            return _cpu(agent.guest_get_fsinfo, calls) / calls * 1e6

    def plain() -> float:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(path)
            return _cpu(lambda: (line.sendall(FSINFO), json.loads(line.recv(1 << 16))), calls) / calls * 1e6

    name = "guest_get_fsinfo typed, client CPU, against a plain socket and json.loads"
    yield Figure(name, *interleave(ours, plain, rounds), "us/call", 1 / 3, 1 / 1.2)


def _copies(path: str, folder: Path, size: int, rounds: int) -> Iterator[Figure]:
    source, target = folder / "source", folder / "target"
    source.write_bytes(os.urandom(size))

    def copy_from() -> float:
        with GuestAgent(path) as agent:
            start = time.perf_counter()
            agent.copy_from(str(source), target)
            return size / (time.perf_counter() - start) / 1e6

    def copy_to() -> float:
        with GuestAgent(path) as agent:
            start = time.perf_counter()
            agent.copy_to(source, str(target))
            return size / (time.perf_counter() - start) / 1e6

    reading, writing = requests()

    def plain_read() -> float:
        return plain(path, source, "r", size, reading)

    def plain_write() -> float:
        return plain(path, target, "w", size, writing)

    for name, ours, peer in (("copy_from", copy_from, plain_read), ("copy_to", copy_to, plain_write)):
        figures = interleave(ours, peer, rounds)
        yield Figure(
            f"{name}, of what the agent alone can do", *figures, "MB/s", 0.7, 0.9, more_is_better=True
        )


def requests() -> tuple[bytes, bytes]:
    """To read and to write a piece; %d stands for the handle."""
    data = base64.b64encode(os.urandom(PIECE))
    return (
        b'{"execute":"guest-file-read","arguments":{"handle":%d,"count":1048576}}\n',
        b'{"execute":"guest-file-write","arguments":{"handle":%d,"buf-b64":"' + data + b'"}}\n',
    )


def plain(path: str, file: Path, mode: str, size: int, request: bytes) -> float:
    """MB/s of pieces asked for with one request always waiting, the answers not looked at."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(path)
        answers = line.makefile("rb", buffering=PIECE)
        opening = {"execute": "guest-file-open", "arguments": {"path": str(file), "mode": mode}}
        line.sendall(json.dumps(opening).encode() + b"\n")
        piece = request.replace(b"%d", b"%d" % json.loads(answers.readline())["return"], 1)
        count = size // PIECE
        start = time.perf_counter()
        line.sendall(piece)
        for number in range(count):
            if number < count - 1:
                line.sendall(piece)
            answers.readline()
        return size / (time.perf_counter() - start) / 1e6


def _wall(call: Callable[[], object], calls: int) -> float:
    call()
    start = time.perf_counter()
    for _ in range(calls):
        call()
    return time.perf_counter() - start


def _cpu(call: Callable[[], object], calls: int) -> float:
    call()
    start = time.process_time()
    for _ in range(calls):
        call()
    return time.process_time() - start


async def _async_wall(call: Callable[[], Any], calls: int) -> float:
    await call()
    start = time.perf_counter()
    for _ in range(calls):
        await call()
    return time.perf_counter() - start

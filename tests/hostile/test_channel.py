"""Guests that flood, stall and lie on a real socket: calls end in time, in little memory, and the next one works."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from guestwire.client import AsyncGuestAgent, GuestAgent
from guestwire.errors import CommandError, ConversationError

TIMEOUT = 0.5  # seconds for a call to a hostile guest
LONGEST = 1 << 20  # bytes of an answer
MOST_MEMORY = 24 << 20
PIECE = 64 << 10
PONG = b'{"return": {}}\n'


def forever(piece: bytes) -> Callable[[], Iterable[bytes]]:
    return lambda: itertools.repeat(piece * (PIECE // len(piece)))


def trickle() -> Iterator[bytes]:
    """A right answer, a byte at a time, that takes longer than anybody waits."""
    for byte in b'{"return": {' + b" " * 10_000 + b"}}\n":
        time.sleep(0.01)
        yield bytes([byte])


def other_ids() -> Iterator[bytes]:
    for number in itertools.count():
        yield b"".join(b'{"return": %d}\n\xff{"return": %d}\n' % (number, -number) for number in range(1000))


BAD: dict[str, Callable[[], Iterable[bytes]]] = {
    "an endless line": forever(b"x"),
    "an endless string": lambda: itertools.chain([b'{"return": "'], forever(b"\\u001b")()),
    "deep nesting": forever(b"["),
    "deep objects": forever(b'{"return":'),
    "0xFF": forever(b"\xff"),
    "zeros": forever(b"\0"),
    "blank lines": forever(b"\n"),
    "spaces": forever(b" "),
    "answers to nobody": forever(PONG),
    "errors to nobody": forever(b'{"error": {"class": "GenericError", "desc": "\\u001b[31m"}}\n'),
    "other ids": other_ids,
    "one byte after the other": trickle,
    "silence": lambda: iter(()),
}


class Guest:
    """Answers one client after the other; badly while `bad` is set, to resyncs too if `from_the_start`."""

    def __init__(self, path: Path) -> None:
        self.bad: Callable[[], Iterable[bytes]] | None = None
        self.from_the_start = False
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(8)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        try:
            with line, line.makefile("rb") as requests:
                for request in requests:
                    self._answer(line, request)
        except OSError:
            pass  # the client has had enough

    def _answer(self, line: socket.socket, request: bytes) -> None:
        sync = re.search(rb'"guest-sync[^}]*"id": ?(\d+)', request)
        if self.bad is not None and (self.from_the_start or not sync):
            for piece in self.bad():
                if self.bad is None:
                    break
                line.sendall(piece)
        elif sync:
            line.sendall(b'\xff{"return": %s}\n' % sync[1])
        else:
            json.loads(request.lstrip(b"\xff"))
            line.sendall(PONG)

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def guest(tmp_path: Path) -> Iterator[Guest]:
    guest = Guest(tmp_path / "sock")
    yield guest
    guest.close()


@pytest.fixture(params=["blocking", "aio"])
def ping(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """`ping(timeout)` on one client, of either kind."""
    address = f"unix:{tmp_path}/sock"
    if request.param == "blocking":
        with GuestAgent(address, max_reply=LONGEST) as agent:
            yield lambda timeout: agent.guest_ping(timeout=timeout)
        return
    with asyncio.Runner() as runner:
        agent_of_tasks = AsyncGuestAgent(address, max_reply=LONGEST)
        yield lambda timeout: runner.run(agent_of_tasks.guest_ping(timeout=timeout))
        runner.run(agent_of_tasks.close())


@pytest.mark.timeout(60)
@pytest.mark.parametrize("from_the_start", [False, True], ids=["answers", "resyncs"])
@pytest.mark.parametrize("way", BAD)
def test_a_bad_guest(guest: Guest, ping: Callable[..., Any], way: str, from_the_start: bool) -> None:
    ping(20)
    guest.bad, guest.from_the_start = BAD[way], from_the_start
    tracemalloc.start()
    try:
        for _ in range(2):
            try:
                ping(TIMEOUT)
                assert way in (
                    "answers to nobody",
                    "other ids",
                )  # taken for ours: a ping's answer says nothing
            except (ConversationError, CommandError) as error:
                text = str(error)
                assert len(text) < 500
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()
    guest.bad = None
    assert ping_until_well(ping)


def ping_until_well(ping: Callable[..., Any]) -> bool:
    """A channel full of junk may cost a call or two before it is clean again."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            ping(5)
        except (ConversationError, CommandError):
            continue
        return True
    return False

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

import pytest

from guestwire.broker import upstream as module
from guestwire.broker.upstream import State, Upstream
from guestwire.testing import FakeGuest

from .fakes import Door, guest, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

PING = b'{"execute": "guest-ping"}\n'


class User:
    """Notes what its upstream tells."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.told: list[str] = []
        self.states: list[State] = []
        self.upstream: Upstream | None = None
        self.free: list[bool] = []

    def heard(self, line: bytes) -> None:
        assert self.upstream is not None
        self.lines.append(line.strip())
        self.free.append(self.upstream.free)

    def lost(self, why: str) -> None:
        self.told.append(why)

    def go_on(self) -> None:
        self.told.append("go on")

    def changed(self) -> None:
        if self.upstream is not None:
            self.states.append(self.upstream.state)


@contextlib.asynccontextmanager
async def serving(address: str) -> AsyncIterator[tuple[Upstream, User]]:
    user = User()
    there = user.upstream = Upstream("web", address, user)
    running = asyncio.ensure_future(there.run())
    try:
        yield there, user
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@contextlib.asynccontextmanager
async def raw(path: Path, after: Callable[[bytes], bytes]) -> AsyncIterator[None]:
    """A guest that resyncs well, and then says to each request what `after` makes of it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while line := await reader.readline():
                if b"guest-sync" in line:
                    number = line.split(b'"id": ')[1].strip(b"}\n ")
                    writer.write(b'\xff{"return": %b}\n' % number)
                else:
                    writer.write(after(line))
        writer.close()

    server = await asyncio.start_unix_server(serve, str(path))
    try:
        yield
    finally:
        server.close()


async def test_answers_come_in_the_order_of_the_requests(tmp_path: Path) -> None:
    async with guest(tmp_path / "g", {"a": 1, "b": 2}), serving(f"unix:{tmp_path}/g") as (there, user):
        await until(lambda: there.free)
        there.send(b'{"execute": "a"}\n{"execute": "b"}\n', 2)
        await until(lambda: len(user.lines) == 2)
        assert user.lines == [b'{"return": 1}', b'{"return": 2}']
        await until(lambda: user.told == ["go on"])
        assert user.free == [False, False]  # a request made from within waits until all is told
        assert there.free


async def test_a_guest_that_hangs_up_is_brought_back(tmp_path: Path) -> None:
    async with guest(tmp_path / "g") as door, serving(f"unix:{tmp_path}/g") as (there, user):
        await until(lambda: there.free)
        door.hold()
        there.send(PING, 1)
        await until(lambda: door.guest.calls)
        door.hang_up()
        await until(lambda: user.told)
        door.go.set()
        assert "closed" in user.told[0]
        await until(lambda: there.free)
        assert user.states[-1] is State.UP


async def test_what_nobody_asked_for_costs_a_resync(tmp_path: Path) -> None:
    async with (
        raw(tmp_path / "g", lambda line: b'{"return": {}}\n{"return": "more"}\n'),
        serving(f"unix:{tmp_path}/g") as (there, user),
    ):
        await until(lambda: there.free)
        there.send(PING, 1)
        await until(lambda: user.told)
        assert user.lines == [b'{"return": {}}']
        assert "nobody had asked" in user.told[0]
        await until(lambda: there.free)


async def test_a_flood_without_a_line_end_is_cut_off(tmp_path: Path) -> None:
    async with (
        raw(tmp_path / "g", lambda line: b"x" * (65 << 20)),
        serving(f"unix:{tmp_path}/g") as (there, user),
    ):
        await until(lambda: there.free)
        there.send(PING, 1)
        await until(lambda: user.told)
        assert not user.lines


async def test_one_that_never_answers_is_silent_and_heard_at_once_when_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SETTLING", 0.1)
    silent = True

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen = b""
        while data := await reader.read(4096):
            seen += data
            while silent:
                await asyncio.sleep(0.01)
            number = seen.rsplit(b'"id": ', 1)[1].split(b"}")[0]
            writer.write(b'\xff{"return": %b}\n' % number)
        writer.close()

    server = await asyncio.start_unix_server(serve, str(tmp_path / "g"))
    async with serving(f"unix:{tmp_path}/g") as (there, _):
        await until(lambda: there.state is State.SILENT)
        assert there.reason
        assert not there.free
        silent = False
        await until(lambda: there.free)
    server.close()


async def test_no_socket_is_down_and_a_request_makes_it_try_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FIRST_PAUSE", 3600.0)
    monkeypatch.setattr(module, "_LONGEST_PAUSE", 3600.0)
    async with serving(f"unix:{tmp_path}/g") as (there, _):
        await until(lambda: there.state is State.DOWN)
        assert "no socket" in there.reason
        async with guest(tmp_path / "g"):
            there.wake()
            await until(lambda: there.free)


async def test_to_lose_an_answer_is_told_once_and_what_is_late_is_dropped(tmp_path: Path) -> None:
    async with guest(tmp_path / "g", {"a": 1}) as door, serving(f"unix:{tmp_path}/g") as (there, user):
        await until(lambda: there.free)
        door.hold()
        there.send(b'{"execute": "a"}\n', 1)
        await until(lambda: door.guest.calls)
        there.lose("it took too long")
        assert user.told == ["it took too long"]
        assert not there.free
        door.go.set()
        await until(lambda: there.free)
        assert user.lines == []
        there.send(PING, 1)
        await until(lambda: user.lines)
        assert user.lines == [b'{"return": {}}']


async def test_its_end_closes_the_channel(tmp_path: Path) -> None:
    async with guest(tmp_path / "g") as door:
        async with serving(f"unix:{tmp_path}/g") as (there, _):
            await until(lambda: there.free)
            assert door.writers
        await until(lambda: not door.writers)


async def test_over_tcp() -> None:
    there = Door(FakeGuest({"a": 1}))
    server = await asyncio.start_server(there.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with serving(f"tcp:127.0.0.1:{port}") as (upstream, user):
        await until(lambda: upstream.free)
        upstream.send(b'{"execute": "a"}\n', 1)
        await until(lambda: user.lines)
        assert user.lines == [b'{"return": 1}']
    server.close()
    await until(lambda: not there.writers)


@pytest.mark.skipif(not hasattr(socket, "AF_VSOCK"), reason="this kernel has no AF_VSOCK")
async def test_over_vsock() -> None:
    there = Door(FakeGuest({"a": 1}))
    with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as listener:
        try:
            listener.bind((socket.VMADDR_CID_ANY, socket.VMADDR_PORT_ANY))
            listener.listen()
            with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as tried:
                tried.settimeout(5)
                tried.connect(
                    (1, listener.getsockname()[1])
                )  # VMADDR_CID_LOCAL: a kernel with vsock_loopback
        except OSError:
            pytest.skip("this kernel has no AF_VSOCK that reaches itself")
        listener.accept()[0].close()
        listener.setblocking(False)
        server = await asyncio.start_server(there.serve, sock=listener)
        async with serving(f"vsock:1:{listener.getsockname()[1]}") as (upstream, user):
            await until(lambda: upstream.free)
            upstream.send(b'{"execute": "a"}\n', 1)
            await until(lambda: user.lines)
            assert user.lines == [b'{"return": 1}']
        server.close()
        await until(lambda: not there.writers)

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

from guestwire.broker.conversation import converse
from guestwire.broker.turns import Job
from guestwire.broker.upstream import State, Upstream
from guestwire.wire.messages import Request

from .fakes import guest, until


class Nobody:
    """Uses an upstream for conversations only."""

    def heard(self, line: bytes) -> None:
        raise AssertionError(line)

    def lost(self, why: str) -> None:
        pass

    def go_on(self) -> None:
        pass

    def changed(self) -> None:
        pass


@contextlib.asynccontextmanager
async def upstream(path: Path) -> AsyncIterator[Upstream]:
    there = Upstream("web", f"unix:{path}", Nobody())
    running = asyncio.ensure_future(there.run())
    try:
        await until(lambda: there.state is State.UP)
        yield there
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def job(name: str) -> Job:
    line = b'{"execute": "%b"}\n' % name.encode()
    return Job(cast("Any", None), Request(name, None), line)


async def test_a_value_passes_unread(tmp_path: Path) -> None:
    async with guest(tmp_path / "g", {"site": {"a": [1, 2]}}), upstream(tmp_path / "g") as there:
        answer = await converse(there, job("site"), 5)
        assert answer is not None
        assert (answer.good, answer.value()) == (True, {"a": [1, 2]})
        assert there.state is State.UP


async def test_an_error_keeps_its_class_and_words(tmp_path: Path) -> None:
    async with guest(tmp_path / "g"), upstream(tmp_path / "g") as there:
        answer = await converse(there, job("guest-none"), 5)
        assert answer is not None
        error_class, desc = answer.fault()
        assert (answer.good, answer.reached, error_class) == (False, True, "CommandNotFound")
        assert "guest-none" in desc


async def test_a_shutdown_that_goes_well_has_none(tmp_path: Path) -> None:
    def off(arguments: object) -> None:
        door.hang_up()

    async with (
        guest(tmp_path / "g", {"guest-shutdown": off}) as door,
        upstream(tmp_path / "g") as there,
    ):
        assert await converse(there, job("guest-shutdown"), 5) is None


async def test_a_guest_that_does_not_answer_was_not_reached(tmp_path: Path) -> None:
    async with guest(tmp_path / "g", {"slow": None}) as door, upstream(tmp_path / "g") as there:
        door.hold()
        answer = await converse(there, job("slow"), 0.05)
        assert answer is not None
        assert not answer.reached
        assert answer.fault()[0] == "DeviceNotActive"
        assert there.state is not State.UP
        door.go.set()
        await until(lambda: there.state is State.UP)

"""The contract once more, spoken by both clients: what an agent answers arrives at their callers as it is.

The tests are those of the other files, all that ask for values and errors and not for bytes.
"""

# ruff: noqa: F401

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from guestwire.client import AsyncGuestAgent, GuestAgent
from guestwire.errors import CommandError

from .agents import PATIENCE, Agent
from .test_files import (
    path,
    test_a_full_disk,
    test_base64_that_is_not,
    test_base64_that_is_taken,
    test_counts,
    test_every_mode,
    test_no_other_mode,
    test_seek,
    test_sizes,
    test_what_cannot_be_opened_or_read,
    test_write_and_read_back,
)
from .test_filesystems import (
    test_statvfs_is_ours_alone,
    test_thawed,
    test_the_same_disks,
    test_the_same_filesystems,
)
from .test_results import test_the_answer_fits_the_schema, test_the_answers_to_arguments_fit_too
from .test_system import (
    oracle,
    test_load_and_routes,
    test_the_same_answer,
    test_the_same_but_for_counters,
    test_the_same_in_another_order,
    test_time_is_now_in_whole_microseconds,
    test_unknown_user,
)


class Speaker:
    """A client with the face of a `Peer`; its answers are put together again from results and exceptions."""

    def __init__(self, execute: Any) -> None:
        self._execute = execute

    def call(self, name: str, /, **arguments: Any) -> Any:
        wired = {key.replace("_", "-"): value for key, value in arguments.items()}
        try:
            return {"return": self._execute(name, wired)}
        except CommandError as error:
            return {"error": {"class": error.error_class, "desc": error.desc}}

    def value(self, name: str, /, **arguments: Any) -> Any:
        return self.call(name, **arguments)["return"]

    def error(self, name: str, /, **arguments: Any) -> str:
        return str(self.call(name, **arguments)["error"]["desc"])


@contextmanager
def blocking(address: str) -> Iterator[Speaker]:
    with GuestAgent(address, timeout=PATIENCE) as agent:
        yield Speaker(agent.execute)


@contextmanager
def aio(address: str) -> Iterator[Speaker]:
    with asyncio.Runner() as runner:
        agent = AsyncGuestAgent(address, timeout=PATIENCE)
        yield Speaker(lambda *words: runner.run(agent.execute(*words)))
        runner.run(agent.close())


@pytest.fixture(params=[blocking, aio], ids=["GuestAgent", "AsyncGuestAgent"])
def peer(agent: Agent, request: pytest.FixtureRequest) -> Iterator[Speaker]:
    with request.param(f"unix:{agent.path}") as speaker:
        yield speaker

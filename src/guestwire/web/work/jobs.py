"""Programs run in guests on somebody's behalf: started, waited for, looked at."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta, Struct

from guestwire.errors import GuestwireError
from guestwire.web.problems import Problem
from guestwire.web.roles import Role
from guestwire.web.routes import Call, param
from guestwire.web.work.reach import begin, problem_of

if TYPE_CHECKING:
    from guestwire.client import AsyncGuestAgent

JOBS = 200  # that are remembered; the oldest that has ended goes
RUNNING = 32  # at once
OUTPUT = 1 << 20  # bytes of each stream that are kept
Piece = Annotated[str, Meta(max_length=32_000)]


class NewExec(Struct, forbid_unknown_fields=True):
    """A program, by its path, without a shell; `environment` replaces the guest's own."""

    path: Annotated[str, Meta(min_length=1, max_length=4096)]
    arguments: Annotated[list[Piece], Meta(max_length=1000)] = []
    environment: (
        Annotated[list[Annotated[str, Meta(pattern="^[^=]+=", max_length=32_000)]], Meta(max_length=1000)]
        | None
    ) = None
    input: Annotated[str, Meta(max_length=48_000)] | None = None
    timeout_seconds: Annotated[float, Meta(ge=1, le=86_400)] = 60.0


class Job(Struct, kw_only=True):
    """A run of a program: what it is, and what came of it. `stdout` and `stderr` come when it has ended."""

    job: str
    guest: str
    guest_name: str
    action: str = "exec"
    command: list[str]
    who: str
    state: Literal["running", "done", "failed", "cancelled"] = "running"
    started_at: float
    ended_at: float | None = None
    exit_code: int | None = None
    signal: int | None = None
    stdout: str = ""
    stderr: str = ""
    stdout_truncated: bool = False
    stderr_truncated: bool = False
    error: str | None = None


class JobQuery(Struct, forbid_unknown_fields=True):
    """Wait so long for the end."""

    wait_seconds: Annotated[float, Meta(ge=0, le=30)] = 0.0


class JobList(Struct):
    """The caller's jobs, the newest first; an admin sees everybody's."""

    jobs: list[Job]


class Jobs:
    """All jobs of this process."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Job, asyncio.Task[None]]] = {}

    def start(self, job: Job, agent: AsyncGuestAgent, asked: NewExec) -> None:
        """Run a program; raises Problem when there is too much to do."""
        if sum(not task.done() for _, task in self._known.values()) >= RUNNING:
            raise Problem(429, f"{RUNNING} programs run already", headers={"Retry-After": "5"})
        for key in [key for key, (_, task) in self._known.items() if task.done()]:
            if len(self._known) < JOBS:
                break
            del self._known[key]
        self._known[job.job] = job, asyncio.ensure_future(_run(job, agent, asked))

    def find(self, call: Call) -> tuple[Job, asyncio.Task[None]]:
        """The job that the path names, if the caller may see it. Raises Problem 404."""
        found = self._known.get(param(call, "job"))
        if found is None or not _sees(call, found[0]):
            raise Problem(404, "there is no such job")
        return found

    def all(self, call: Call) -> list[Job]:
        """What the caller may see."""
        return [job for job, _ in reversed(self._known.values()) if _sees(call, job)]

    def forget(self, job: Job) -> None:
        """Wait for it no longer."""
        _, task = self._known.pop(job.job)
        task.cancel()

    async def close(self) -> None:
        """Wait for nothing any more."""
        tasks = [task for _, task in self._known.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def execute(call: Call) -> Job:
    """Run a program in a guest. The answer comes at once; the job tells the rest."""
    asked: NewExec = call.body
    target = call.site.find(param(call, "guest"))
    if any("\0" in text for text in (asked.path, *asked.arguments, *(asked.environment or []))):
        raise Problem(422, "a NUL cannot be in an argument", where="arguments")
    job = Job(
        job=secrets.token_urlsafe(12),
        guest=target.identity,
        guest_name=target.name,
        command=[asked.path, *asked.arguments],
        who=call.who,
        started_at=time.time(),
    )
    agent = begin(call, target)
    try:
        call.site.jobs.start(job, agent, asked)
    except Problem:
        await agent.close()
        raise
    return job


async def job(call: Call) -> Job:
    """How a job is; waits for its end if asked to."""
    found, task = call.site.jobs.find(call)
    if call.query.wait_seconds:
        await asyncio.wait([task], timeout=call.query.wait_seconds)
    return found


async def jobs(call: Call) -> JobList:
    """The jobs there are."""
    return JobList(call.site.jobs.all(call))


async def forget_job(call: Call) -> None:
    """Forget a job. A program that runs goes on in the guest; nobody waits for it."""
    found, _ = call.site.jobs.find(call)
    call.site.jobs.forget(found)


def _sees(call: Call, job: Job) -> bool:
    return job.who == call.who or (call.caller is not None and call.caller.role >= Role.ADMIN)


async def _run(job: Job, agent: AsyncGuestAgent, asked: NewExec) -> None:
    try:
        done = await agent.run(
            job.command,
            input=None if asked.input is None else asked.input.encode(),
            env=asked.environment,
            timeout=asked.timeout_seconds,
        )
    except asyncio.CancelledError:
        job.state = "cancelled"
        raise
    except GuestwireError as error:
        job.state, job.error = "failed", problem_of(error).detail
    else:
        job.state = "done"
        job.signal = done.signal
        job.exit_code = done.returncode if done.signal is None else None
        job.stdout, job.stdout_truncated = _text(done.stdout, done.stdout_truncated)
        job.stderr, job.stderr_truncated = _text(done.stderr, done.stderr_truncated)
    finally:
        job.ended_at = time.time()
        await agent.close()


def _text(data: bytes, truncated: bool) -> tuple[str, bool]:
    return data[:OUTPUT].decode("utf-8", "replace"), truncated or len(data) > OUTPUT

"""Run a program in the guest and wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from guestwire.client.effects import Sleep
from guestwire.client.flows import ask
from guestwire.client.recipes.commands import EXEC, EXEC_STATUS
from guestwire.errors import GuestTimeout, ProgramFailed, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from guestwire.client.effects import Flow
    from guestwire.client.recipes.commands import Progress
    from guestwire.client.session import Session

FIRST_POLL = 0.001
LAST_POLL = 0.5
_GROWTH = 1.5


class Completed(Struct, frozen=True):
    """A program that has ended.

    `returncode` is its exit status, or minus the number of the signal that ended it, as `subprocess` has it. Output is
    what the agent kept: 16 MiB of each stream, and `*_truncated` says that there was more.
    """

    args: list[str]
    pid: int
    returncode: int
    stdout: bytes
    stderr: bytes
    signal: int | None = None
    stdout_truncated: bool = False
    stderr_truncated: bool = False

    def check_returncode(self) -> None:
        """Raise `ProgramFailed` unless the program ended with status 0."""
        if self.returncode:
            how = f"signal {self.signal}" if self.signal is not None else f"status {self.returncode}"
            raise ProgramFailed(f"{self.args[0]} ended with {how}", self)


def run(
    session: Session,
    argv: Sequence[str],
    *,
    input: bytes | None = None,
    env: Mapping[str, str] | Sequence[str] | None = None,
    capture: bool | str = True,
    timeout: float | None = None,
    check: bool = False,
) -> Flow[Completed]:
    """Run `argv` in the guest, without a shell, and wait until it has ended.

    `input` is its standard input; it goes with the request, so some 48 MiB are the most. `env` replaces the whole
    environment, the guest's own is kept without it. `capture` is True, False, or a mode of guest-exec such as "merged"
    (QEMU 8.0 and later). `timeout` is for the whole run, in seconds; None waits for ever. `check` raises
    `ProgramFailed` for a status other than 0.

    Raises `GuestTimeout` when time is up; the program goes on in the guest, and `guest_exec_status` with the pid in
    the error's text still gets its result.
    """
    began = session.clock()
    pid = yield from start(
        session, argv, input=input, env=env, capture=capture, timeout=_step(session, timeout, began)
    )
    completed = yield from finish(session, argv, pid, timeout=timeout, began=began)
    if check:
        completed.check_returncode()
    return completed


def start(
    session: Session,
    argv: Sequence[str],
    *,
    input: bytes | None = None,
    env: Mapping[str, str] | Sequence[str] | None = None,
    capture: bool | str = False,
    timeout: float | None = None,
) -> Flow[int]:
    """Start `argv` in the guest, as `run` does, and return its process id without waiting for it."""
    if isinstance(argv, str) or not argv:
        raise ValueError("argv is a list: the program and its arguments")
    if isinstance(input, str):
        raise TypeError("input is bytes, not str: encode it first")
    arguments = {
        "path": argv[0],
        "arg": list(argv[1:]) or None,
        "env": _environment(env),
        "input-data": input,
        "capture-output": capture,
    }
    started = yield from ask(session, EXEC, EXEC.encode(arguments), timeout)
    return started.pid


def finish(
    session: Session,
    argv: Sequence[str],
    pid: int,
    *,
    timeout: float | None = None,
    began: float | None = None,
) -> Flow[Completed]:
    """Wait until the program that `start` started has ended. `timeout` counts from `began`, or else from now."""
    since = session.clock() if began is None else began
    progress = yield from _wait(session, argv[0], pid, timeout, since)
    completed = _completed(list(argv), pid, progress)
    if completed is None:
        raise ProtocolError(
            f"the guest says that program {pid} has ended, but not how",
            guest=session.guest,
            command=EXEC_STATUS.name,
            waited=session.clock() - since,
        )
    return completed


def _wait(session: Session, program: str, pid: int, timeout: float | None, began: float) -> Flow[Progress]:
    request = EXEC_STATUS.encode({"pid": pid})
    pause = FIRST_POLL
    while True:
        progress = yield from ask(session, EXEC_STATUS, request, _step(session, timeout, began))
        if progress.exited:
            return progress
        left = pause if timeout is None else began + timeout - session.clock()
        if left <= 0:
            reason = f"{program} still runs as pid {pid}"
            waited = session.clock() - began
            raise GuestTimeout(reason, guest=session.guest, command="guest-exec", waited=waited)
        yield Sleep(min(pause, left))
        pause = min(pause * _GROWTH, LAST_POLL)


def _step(session: Session, timeout: float | None, began: float) -> float | None:
    """The time for one call. The answer that ends a program comes once, so no call gets less than it may have."""
    return None if timeout is None else max(began + timeout - session.clock(), min(timeout, 0.1))


def _environment(env: Mapping[str, str] | Sequence[str] | None) -> list[str] | None:
    if env is None:
        return None
    return [f"{name}={value}" for name, value in env.items()] if hasattr(env, "items") else list(env)


def _completed(argv: list[str], pid: int, progress: Progress) -> Completed | None:
    if progress.exitcode is not None:
        returncode = progress.exitcode
    elif progress.signal is not None:
        returncode = -progress.signal
    else:
        return None
    return Completed(
        args=argv,
        pid=pid,
        returncode=returncode,
        stdout=progress.out_data,
        stderr=progress.err_data,
        signal=progress.signal,
        stdout_truncated=progress.out_truncated,
        stderr_truncated=progress.err_truncated,
    )

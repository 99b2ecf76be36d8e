"""`guestwire exec`: a program in a guest, with its input, output and exit status passed through."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING, Any

import click

from guestwire.cli import guests, many, options
from guestwire.cli.output import complain, print_json, told
from guestwire.cli.status import (
    CANNOT_EXECUTE,
    EXEC_FAILED,
    NO_PROGRAM,
    OK,
    PROGRAM_TIMEOUT,
    SIGNALLED,
)
from guestwire.cli.streams import Prefixed, pass_on
from guestwire.errors import CommandError, ConfigError, GuestTimeout, GuestwireError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from guestwire.cli.crew import Outcome
    from guestwire.cli.options import Common
    from guestwire.client.driver import Driver
    from guestwire.client.recipes.programs import Completed

_REFUSED = {  # as strerror has it: agents on Windows say other things, and count as 125
    NO_PROGRAM: "No such file or directory",
    CANNOT_EXECUTE: "Permission denied",
}
_MOST_INPUT = 32 << 20  # bytes; guest-exec takes them in one request, and agents bound that


class _Exec(click.Command):
    """A command that tells a program's options from its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As any command, with a hint where an option is not known."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            raise click.UsageError(
                f"{error.format_message()} The program's own options stand behind --.", ctx
            ) from None


@click.command(cls=_Exec)
@options.guest
@click.argument(
    "program", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- PROGRAM [ARGUMENT]..."
)
@click.option(
    "--env",
    multiple=True,
    metavar="NAME=VALUE",
    help="The program's environment, which is then these variables alone; may be repeated.",
)
@click.option(
    "--input",
    "input_",
    metavar="FILE",
    help="What the program reads from its standard input: a file of this host, or - for our own.  [default: our own,"
    " when that is a pipe or a file; /dev/null leaves it alone]",
)
@click.option("--detach", is_flag=True, help="Start the program and do not wait; print its process id.")
@click.option(
    "--raw", is_flag=True, help="Write the program's output to a terminal as it is, controls and all."
)
@options.common
def command(
    *,
    guest: str,
    program: tuple[str, ...],
    env: tuple[str, ...],
    input_: str | None,
    detach: bool,
    raw: bool,
    common: Common,
) -> int:
    """Run PROGRAM in a guest and end with its exit status.

    No shell comes in between: write `sh -c '...'` for one. The output comes when the program has ended; the agent
    keeps 16 MiB of each stream. With several guests (a glob, or names with commas) each line is marked with its guest.

    --timeout is for the whole run (default: none). Exit status: the program's; 128+N when signal N ended it; 124 when
    time was up (the program goes on); 125 when guestwire failed, or output was lost; 126 when the program may not be
    executed; 127 when there is none. Of several, the largest.

    What became of a program that goes on, or was started with --detach, tells
    `guestwire call GUEST guest-exec-status pid=PID`, once: the agent forgets it then.
    """
    if any("=" not in each for each in env):
        raise click.UsageError("--env wants NAME=VALUE")
    try:
        data = _input(input_)
        chosen = guests.find([guest])
    except (GuestwireError, OSError) as error:
        complain(told(error))
        return EXEC_FAILED
    work = _Run(program, env or None, data, common.timeout, detach)
    if guests.is_one([guest]) and not common.jsonl:
        return _one(chosen[0], work, common, raw)
    return _several(chosen, work, common, raw)


def _one(guest: guests.Guest, work: _Run, common: Common, raw: bool) -> int:
    try:
        with guests.connected_lean(guest, common.timeout) as agent:
            done = work(agent)
    except (GuestwireError, OSError) as error:
        complain(told(error))
        return _status_of_error(error)
    if common.json:
        print_json(_plain(done))
    elif isinstance(done, int):
        print(done)
    else:
        pass_on(done.stdout, sys.stdout, raw)
        pass_on(done.stderr, sys.stderr, raw)
        _tell_truncated(done, guest.name)
    return _status(done)


def _several(chosen: Sequence[guests.Guest], work: _Run, common: Common, raw: bool) -> int:
    worst = OK
    collected = []
    for outcome in many.outcomes(chosen, common, work, guests.connected_lean):
        if not common.for_people:
            collected.append(many.envelope(outcome._replace(value=_plain(outcome.value))))
            if common.jsonl:
                print_json(collected.pop(), indent=0)
        else:
            _tell(outcome, raw)
        status = _status(outcome.value) if outcome.error is None else _status_of_error(outcome.error)
        worst = max(worst, status)
        sys.stdout.flush()
    if common.json:
        print_json(collected)
    return worst


def _tell(outcome: Outcome, raw: bool) -> None:
    name, done = outcome.guest.name, outcome.value
    if outcome.error is not None:
        complain(outcome.error)
    elif isinstance(done, int):
        print(f"{name}: {done}")
    else:
        pass_on(done.stdout, Prefixed(sys.stdout, name), raw)
        pass_on(done.stderr, Prefixed(sys.stderr, name), raw)
        _tell_truncated(done, name)
        if done.returncode:
            complain(f"{name}: the program ended with status {_status(done)}")


class _Run:
    """The work on one guest: gives what is known of the ended program, or the process id of a detached one."""

    def __init__(
        self,
        program: tuple[str, ...],
        env: tuple[str, ...] | None,
        data: bytes | None,
        timeout: float | None,
        detach: bool,
    ) -> None:
        self._program = program
        self._env = env
        self._data = data
        self._timeout = timeout
        self._detach = detach

    def __call__(self, agent: Driver) -> Completed | int:
        from guestwire.client.recipes.programs import finish, start

        session, began = agent.session, agent.session.clock()
        pid = None
        try:
            pid = agent.drive(
                start(
                    session,
                    self._program,
                    input=self._data,
                    env=self._env,
                    capture=not self._detach,
                    timeout=self._timeout,
                )
            )
            if self._detach:
                return pid
            return agent.drive(finish(session, self._program, pid, timeout=self._timeout, began=began))
        except ValueError as error:
            raise ConfigError(str(error)) from None
        except KeyboardInterrupt:
            fate = "may have been started" if pid is None else f"goes on as pid {pid}"
            complain(f"{session.guest}: {self._program[0]} {fate}")
            raise


def _input(name: str | None) -> bytes | None:
    """What the program shall read; None for nothing."""
    if name is None and not _is_fed():
        return None
    if name in (None, "-"):
        data = sys.stdin.buffer.read(_MOST_INPUT + 1)
    else:
        with open(str(name), "rb") as file:
            data = file.read(_MOST_INPUT + 1)
    if len(data) > _MOST_INPUT:
        most = f"{_MOST_INPUT >> 20} MiB"
        raise ConfigError(
            f"the input is longer than {most}: copy it into the guest, and have the program read it"
        )
    return data


def _is_fed() -> bool:
    """Whether our standard input is a pipe or a file: a terminal, or whatever a service has there, is left alone."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def _status(done: Completed | int) -> int:
    if isinstance(done, int):
        return OK
    if not done.returncode and (done.stdout_truncated or done.stderr_truncated):
        return EXEC_FAILED  # a script that goes by the status must not take a part for the whole
    if done.returncode < 0:
        return min(SIGNALLED - done.returncode, 255)
    return min(done.returncode, 255)  # Windows has longer ones; none of them may become 0


def _status_of_error(error: Exception) -> int:
    if isinstance(error, GuestTimeout):
        return PROGRAM_TIMEOUT
    if isinstance(error, CommandError):
        for status, reason in _REFUSED.items():
            if error.desc.rstrip("')").endswith(f"({reason}"):
                return status
    return EXEC_FAILED


def _plain(done: Completed | int | None) -> Any:
    """For programs: streams as text where they are UTF-8, else as base64."""
    if done is None or isinstance(done, int):
        return {"pid": done}
    return {
        "pid": done.pid,
        "exitcode": done.returncode if done.signal is None else None,
        "signal": done.signal,
        **_stream("stdout", done.stdout, done.stdout_truncated),
        **_stream("stderr", done.stderr, done.stderr_truncated),
    }


def _stream(name: str, data: bytes, truncated: bool) -> dict[str, Any]:
    try:
        said: dict[str, Any] = {name: data.decode()}
    except UnicodeDecodeError:
        said = {f"{name}_base64": data}
    return {**said, f"{name}_truncated": truncated}


def _tell_truncated(done: Completed, name: str) -> None:
    for stream in ("stdout", "stderr"):
        if getattr(done, f"{stream}_truncated"):
            said = f"the agent kept only the beginning of the program's {stream}"
            complain(f"{name}: {said}: have it write a file, and fetch that with guestwire cp")

"""guest-exec on Windows: CreateProcess by way of `subprocess`, and a thread for each pipe."""

from __future__ import annotations

import os
import subprocess
from _thread import start_new_thread

from guestwire.agent.base64 import b64decode
from guestwire.agent.jobs import Job
from guestwire.agent.system.windows.child import Child, collect_output, supply_input
from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO

    from guestwire.agent.jobs import Output
    from guestwire.agent.state import AgentState

_NO_WINDOW = 0x08000000
# capture-output -> whether stdout and stderr are read. The schema has no "merged" on Windows.
_CAPTURED: dict[bool | str, tuple[bool, bool]] = {
    False: (False, False),
    True: (True, True),
    "none": (False, False),
    "stdout": (True, False),
    "stderr": (False, True),
    "separated": (True, True),
}


def guest_exec(  # noqa: PLR0917 - the schema's arguments
    agent: AgentState,
    path: str,
    arg: list[str] | None = None,
    env: list[str] | None = None,
    input_data: str | bytes | None = None,
    capture_output: bool | str | None = None,
) -> dict[str, int]:
    """Start a program and return at once. `env`, when given, is its whole environment."""
    agent.jobs.reap()  # nothing else tells of ended programs here
    agent.jobs.check_room()
    data = None if input_data is None else b64decode(input_data)
    argv = [path, *(arg or ())]
    # Arguments may hold secrets, so only their number is told.
    agent.log.account(f"guest-exec called: {path!r} with {len(argv) - 1} arguments")
    process = _start(argv, env, data is not None, capture_output or False)
    out = _catch(agent, process.stdout)
    err = _catch(agent, process.stderr)
    if data is not None and process.stdin is not None:
        start_new_thread(supply_input, (process.stdin, data))
    agent.jobs.add(Job(Child(process), out, err))
    return {"pid": process.pid}


def _start(argv: list[str], env: list[str] | None, fed: bool, capture: bool | str) -> subprocess.Popen[bytes]:
    out, err = _CAPTURED[capture]
    nowhere, pipe = subprocess.DEVNULL, subprocess.PIPE
    try:
        return subprocess.Popen(
            argv,
            stdin=pipe if fed else nowhere,
            stdout=pipe if out else nowhere,
            stderr=pipe if err else nowhere,
            env=None if env is None else _environment(env),
            creationflags=_NO_WINDOW,
            bufsize=0,
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CommandError(f"Failed to execute child process “{argv[0]}” ({reason})") from None


def _environment(env: list[str]) -> dict[str, str]:
    """`NAME=value` entries. Nothing starts without SystemRoot, so a list that lacks it gets it."""
    wanted = dict(entry.partition("=")[::2] for entry in env if "=" in entry[1:])
    if not any(name.upper() == "SYSTEMROOT" for name in wanted):
        wanted["SystemRoot"] = os.environ.get("SYSTEMROOT", r"C:\Windows")
    return wanted


def _catch(agent: AgentState, pipe: IO[bytes] | None) -> Output | None:
    if pipe is None:
        return None
    output = agent.jobs.new_output()
    start_new_thread(collect_output, (pipe, output))
    return output

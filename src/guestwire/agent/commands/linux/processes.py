"""guest-exec on Linux: posix_spawn, and pipes that a background thread serves."""

from __future__ import annotations

import os

from guestwire.agent.base64 import b64decode
from guestwire.agent.jobs import Job
from guestwire.agent.system.linux import spawn
from guestwire.agent.system.linux.child import Child
from guestwire.agent.system.linux.pump import Pump, enlarge
from guestwire.agent.text import to_os
from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guestwire.agent.jobs import Output
    from guestwire.agent.state import AgentState

# capture-output -> which of (stdout, stderr) are read; "merged" sends stderr the way of stdout.
_CAPTURED = {
    False: (False, False),
    True: (True, True),
    "none": (False, False),
    "stdout": (True, False),
    "stderr": (False, True),
    "separated": (True, True),
    "merged": (True, False),
}

# The pipes of all programs; like `AgentState` it lives as long as the process.
_pump = Pump()


def guest_exec(  # noqa: PLR0917 - the schema's arguments
    agent: AgentState,
    path: str,
    arg: list[str] | None = None,
    env: list[str] | None = None,
    input_data: str | bytes | None = None,
    capture_output: bool | str | None = None,
) -> dict[str, int]:
    """Start a program and return at once. `env`, when given, is its whole environment."""
    agent.jobs.check_room()
    data = None if input_data is None else b64decode(input_data)
    argv = [to_os(path), *map(to_os, arg or ())]
    environment = spawn.inherited() if env is None else spawn.EnvironmentList([to_os(entry) for entry in env])
    # Arguments may hold secrets, so only their number is told.
    agent.log.account(f"guest-exec called: {path!r} with {len(argv) - 1} arguments")
    streams = _Streams(agent, data, capture_output or False)
    try:
        program = spawn.find_program(argv[0], environment.get(b"PATH"))
        pid = spawn.spawn(program, argv, environment, streams.open())
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise CommandError(f"Failed to execute child process “{path}” ({reason})") from None
    finally:
        streams.release()
    agent.jobs.add(Job(Child(pid), streams.out, streams.err))
    return {"pid": pid}


class _Streams:
    """The pipes of one program: our ends go to the pump, the child's ends are closed by `release`."""

    def __init__(self, agent: AgentState, data: bytes | None, capture: bool | str) -> None:
        self.out: Output | None = None
        self.err: Output | None = None
        self._agent = agent
        self._data = data
        self._capture = capture
        self._child_ends: list[int] = []

    def open(self) -> tuple[int | None, int | None, int | None]:
        """Make the pipes; the child's descriptors 0, 1 and 2, None for /dev/null."""
        stdin = stdout = stderr = None
        if self._data is not None:
            stdin = self._feed(self._data)
        want_out, want_err = _CAPTURED[self._capture]
        if want_out:
            self.out, stdout = self._catch()
        if want_err:
            self.err, stderr = self._catch()
        return stdin, stdout, stdout if self._capture == "merged" else stderr

    def release(self) -> None:
        """Close the child's ends. When it was not started, the pump then sees the end of its pipes."""
        for fd in self._child_ends:
            os.close(fd)

    def _feed(self, data: bytes) -> int:
        ours, theirs = reversed(spawn.pipe())
        self._child_ends.append(theirs)
        if len(data) > 64 * 1024:  # more than a pipe holds by itself
            enlarge(ours)
        _pump.supply(ours, data)
        return theirs

    def _catch(self) -> tuple[Output, int]:
        ours, theirs = spawn.pipe()
        self._child_ends.append(theirs)
        enlarge(ours)
        output = self._agent.jobs.new_output()
        _pump.collect(ours, output)
        return output, theirs

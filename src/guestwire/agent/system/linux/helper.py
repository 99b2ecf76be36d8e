"""Running the small programs that the agent leans on: chpasswd, hwclock, shutdown, the freeze hook.

A helper can't take the agent with it: it has a time limit, after which its whole process group is killed,
and a process that it leaves behind with our pipe in its hands is not waited for.
"""

from __future__ import annotations

import os
import select
import time
from _signal import SIGKILL  # `signal` would load enum

from guestwire.agent.system.linux import spawn
from guestwire.agent.system.linux.child import pidfd
from guestwire.agent.text import to_os
from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

# Of the helper's output, bytes kept; the rest is read and dropped.
_OUTPUT_LIMIT = 64 * 1024
# How long output is still awaited, seconds, once the helper itself has ended.
_LINGER = 0.25
# How often a helper is looked at where the kernel has no pidfd_open (before Linux 5.3), milliseconds.
_TICK = 20
# How long the end of a killed helper is awaited, seconds; one stuck in the kernel is left behind.
_KILL_WAIT = 1.0

# Killed helpers whose end has not been seen yet: collected by the next run.
_left_behind: list[int] = []


def run_helper(argv: Sequence[str], action: str, stdin: bytes = b"", timeout: float = 60.0) -> None:
    """Run a program to its end. `action` completes the error texts: "child process has failed to ACTION: …".

    CommandError when it can't be started, ends with a status other than 0 or takes longer than `timeout`
    seconds. It runs in a session of its own with the agent's environment and PATH.
    """
    run_helper_output(argv, action, stdin, timeout)


def run_helper_output(argv: Sequence[str], action: str, stdin: bytes = b"", timeout: float = 60.0) -> bytes:
    """As `run_helper`; returns what it wrote to stdout and stderr together, at most 64 KiB."""
    status, output = _run_to_end(argv, action, stdin, timeout)
    text = output.decode("utf-8", "replace")
    if status is None:
        raise CommandError(f"child process has failed to {action}: killed after {timeout:g} seconds")
    if not os.WIFEXITED(status):
        raise CommandError("child process has terminated abnormally" + (f": {text}" if text else ""))
    code = os.WEXITSTATUS(status)
    if code:
        raise CommandError(f"child process has failed to {action}: {text or f'exit status {code}'}")
    return output


def helper_status(argv: Sequence[str], timeout: float = 60.0) -> int | None:
    """The exit status of a program that answers a question by it; None when it can't be run or was killed."""
    try:
        status, _ = _run_to_end(argv, "answer", b"", timeout)
    except CommandError:
        return None
    return os.WEXITSTATUS(status) if status is not None and os.WIFEXITED(status) else None


def _run_to_end(argv: Sequence[str], action: str, stdin: bytes, timeout: float) -> tuple[int | None, bytes]:
    """Wait status (None when it had to be killed) and output. CommandError when it can't be started."""
    _collect_left_behind()
    run = _Run(argv, action, stdin)
    try:
        status = run.wait(time.monotonic() + timeout)
    finally:
        run.close()
    return status, bytes(run.output)


class _Run:
    """One helper: its process and the two pipes to it."""

    def __init__(self, argv: Sequence[str], action: str, stdin: bytes) -> None:
        self.output = bytearray()
        self._input = memoryview(stdin)
        self._out_fd, child_out = spawn.pipe()
        child_in, self._in_fd = spawn.pipe() if stdin else (None, -1)
        try:
            self._pid = _start(argv, child_in, child_out)
        except OSError as error:
            self.close()
            reason = f"failed to exec '{argv[0]}': {error.strerror}"
            raise CommandError(f"child process has failed to {action}: {reason}") from None
        finally:
            os.close(child_out)
            if child_in is not None:
                os.close(child_in)

    def close(self) -> None:
        """Close our ends of the pipes."""
        os.close(self._out_fd)
        self._close_input()

    def wait(self, deadline: float) -> int | None:
        """Feed and read until the helper has ended; its wait status, None when it had to be killed."""
        poll = select.poll()
        poll.register(self._out_fd, select.POLLIN)
        if self._in_fd >= 0:
            os.set_blocking(self._in_fd, False)
            poll.register(self._in_fd, select.POLLOUT)
        watch = pidfd(self._pid)
        if watch >= 0:
            poll.register(watch, select.POLLIN)
        try:
            return self._serve(poll, deadline, None if watch >= 0 else _TICK)
        finally:
            if watch >= 0:
                os.close(watch)

    def _serve(self, poll: select.poll, deadline: float, tick: int | None) -> int | None:
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                self._kill()
                return None
            pause = int(left * 1000) + 1
            self._exchange(poll, pause if tick is None else min(tick, pause))
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                break
        self._drain()
        return status

    def _exchange(self, poll: select.poll, pause: int) -> None:
        """Move what can be moved within `pause` milliseconds."""
        for fd, _ in poll.poll(pause):
            if fd == self._out_fd:
                if not self._read():
                    poll.unregister(fd)
            elif fd == self._in_fd and not self._write():
                poll.unregister(fd)
                self._close_input()

    def _drain(self) -> None:
        """Take the output that is left; a process left behind may hold the pipe open for ever."""
        poll = select.poll()
        poll.register(self._out_fd, select.POLLIN)
        deadline = time.monotonic() + _LINGER
        while time.monotonic() < deadline and poll.poll(int(_LINGER * 1000)) and self._read():
            pass

    def _read(self) -> bool:
        data = os.read(self._out_fd, _OUTPUT_LIMIT)
        self.output += data[: _OUTPUT_LIMIT - len(self.output)]
        return bool(data)

    def _write(self) -> bool:
        """True while there is more to write. A helper that does not read its input loses it."""
        try:
            self._input = self._input[os.write(self._in_fd, self._input) :]
        except BlockingIOError:
            return True
        except BrokenPipeError:
            return False
        return len(self._input) > 0

    def _close_input(self) -> None:
        if self._in_fd >= 0:
            os.close(self._in_fd)
            self._in_fd = -1

    def _kill(self) -> None:
        """End the helper and all that it started in its session's first process group."""
        os.killpg(self._pid, SIGKILL)
        deadline = time.monotonic() + _KILL_WAIT
        while not os.waitpid(self._pid, os.WNOHANG)[0]:
            if time.monotonic() > deadline:
                _left_behind.append(self._pid)
                return
            time.sleep(0.005)


def _start(argv: Sequence[str], stdin: int | None, out: int) -> int:
    words = [to_os(word) for word in argv]
    env = spawn.inherited()
    program = spawn.find_program(words[0], env.get(b"PATH"))
    return spawn.spawn(program, words, env, (stdin, out, out), new_session=True)


def _collect_left_behind() -> None:
    for pid in _left_behind[:]:
        if os.waitpid(pid, os.WNOHANG)[0]:
            _left_behind.remove(pid)

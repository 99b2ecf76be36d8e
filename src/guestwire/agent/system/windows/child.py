"""Programs that guest-exec has started on Windows."""

from __future__ import annotations

import subprocess

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO

    from guestwire.agent.jobs import Ending, Output

_PIECE = 64 * 1024
# NTSTATUS of a program that an exception has ended: 0xC....... as an unsigned number.
_FIRST_EXCEPTION = 0xC0000000


class Child:
    """A `jobs.Child` over `subprocess`, which keeps the process handle: a pid alone may be given out anew."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.pid = process.pid
        self._process = process

    def collect(self) -> Ending | None:
        """How it ended; an exception shows as `signal`, as the C agent tells it."""
        status = self._process.poll()
        if status is None:
            return None
        status &= 0xFFFFFFFF
        return ("signal", status) if status >= _FIRST_EXCEPTION else ("exitcode", status)

    def wait(self, seconds: float) -> None:
        """Until it has ended, `seconds` at most."""
        try:
            self._process.wait(max(seconds, 0.0))
        except subprocess.TimeoutExpired:
            pass


def collect_output(pipe: IO[bytes], output: Output) -> None:
    """Read a pipe to its end; for a thread of its own."""
    try:
        while True:
            piece = pipe.read(_PIECE)
            if not piece:
                break
            output.write(piece)
    except OSError:
        pass  # the program is gone, and this is all that it said
    finally:
        pipe.close()
        output.close()


def supply_input(pipe: IO[bytes], data: bytes) -> None:
    """Write all of it, unless the program does not want it; for a thread of its own."""
    try:
        pipe.write(data)
    except OSError:
        pass
    finally:
        try:
            pipe.close()
        except OSError:
            pass

"""A freezer on a bench: the operating system, the log and the mark on disk are fakes that write down their calls."""

from __future__ import annotations

import errno
import time
from _thread import allocate_lock, start_new_thread
from collections.abc import Callable, Collection, Sequence
from typing import Any

from guestwire.agent.config import Config
from guestwire.agent.freezer import Freezer
from guestwire.agent.gate import Gate
from guestwire.agent.state import AgentState
from guestwire.agent.system.linux.guarded import Guard
from guestwire.agent.system.linux.mounts import Filesystem, Mount
from guestwire.errors import CommandError

A, B, C = (8, 1), (8, 2), (8, 3)
FDS = {A: 1001, B: 1002, C: 1003}
NAMES = {1001: "A", 1002: "B", 1003: "C"}


class Record:
    """Log and persisted state; `calls` is what happened, in order."""

    def __init__(self, calls: list[str]) -> None:
        self.calls = calls
        self.suspended = False
        self.lines: list[str] = []
        self.broken = False

    def account(self, message: str) -> None:
        self.lines.append(message)

    warning = info = debug = account

    def mark_frozen(self) -> None:
        if self.broken:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.calls.append("mark")

    def clear_frozen(self) -> None:
        if self.broken:
            raise OSError(errno.EROFS, "Read-only file system")
        self.calls.append("clear")


class System:
    """Stands in for the OS: three filesystems A, B, C, to be frozen in this order."""

    def __init__(self, calls: list[str]) -> None:
        self.calls = calls
        self.frozen: set[int] = set()
        self.faults: dict[str, OSError | CommandError] = {}
        self.unable: set[str] = set()
        self.gates: dict[str, Any] = {}
        self.hidden: set[str] = set()
        self.opened: list[int] = []
        self.closed: list[int] = []
        self.close = self.closed.append
        self.guard = Guard(limit=0.05)
        self.mounted = [A, B, C]
        self.outlasts_agent = True
        self.fault: str | None = None
        self.tell: Callable[[], None] = lambda: None

    def when_broken(self, tell: Callable[[], None]) -> None:
        self.tell = tell

    def broken(self) -> str | None:
        fault, self.fault = self.fault, None
        return fault

    def order(self, wanted: Collection[bytes] | None = None) -> list[Filesystem]:
        every = [
            Filesystem(Mount(device, b"ext4", b"/" + NAMES[FDS[device]].encode(), b"", b""))
            for device in self.mounted
        ]
        return [one for one in every if wanted is None or one.path in wanted]

    def open(self, filesystem: Filesystem) -> int | None:
        fd = FDS[filesystem.device]
        self._maybe_fail("open", fd)
        if NAMES[fd] in self.hidden:
            return None
        self.opened.append(fd)
        return fd

    def freeze(self, fd: int) -> bool:
        self._maybe_fail("freeze", fd)
        if NAMES[fd] in self.unable:
            return False
        self.frozen.add(fd)
        self.calls.append("freeze " + NAMES[fd])
        return True

    def thaw(self, fd: int) -> bool:
        self._maybe_fail("thaw", fd)
        if fd not in self.frozen:
            return False
        self.frozen.discard(fd)
        self.calls.append("thaw " + NAMES[fd])
        return True

    def thaw_mounted(self, filesystem: Filesystem) -> bool:
        return self.thaw(FDS[filesystem.device])

    def thaw_each(self, thaw: Callable[[Any], bool], devices: Sequence[Any]) -> list[Any]:
        return self.guard.ask(thaw, devices)

    def run_hook(self, hook: str, verb: str, timeout: float) -> bytes:
        self.calls.append(f"hook {verb}")
        self._wait(f"hook {verb}")
        fault = self.faults.get(f"hook {verb}")
        if fault is not None:
            raise fault
        return b"said\nthis\n"

    def hold(self, what: str) -> Any:
        """Make a call hang until the lock that this returns is released."""
        lock = self.gates[what] = allocate_lock()
        lock.acquire()
        return lock

    def _maybe_fail(self, verb: str, fd: int) -> None:
        what = f"{verb} {NAMES[fd]}"
        self._wait(what)
        fault = self.faults.get(what)
        if fault is not None:
            raise fault

    def _wait(self, what: str) -> None:
        if what in self.gates:
            with self.gates[what]:
                pass


class Bench:
    """A freezer on a table: the calls it made are in `calls`."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.record = Record(self.calls)
        self.system = System(self.calls)
        self.wakes: list[float] = []
        agent = AgentState()
        agent.root = ""
        agent.gate = Gate()
        agent.config = Config()
        agent.config.fsfreeze_hook = "/hook"
        agent.config.freeze_timeout = 0
        agent.config.hook_timeout = 1.0
        agent.log = self.record  # type: ignore[assignment]
        agent.persist = self.record  # type: ignore[assignment]
        self.agent = agent
        self.freezer = Freezer(agent, lambda: self.wakes.append(1))
        self.freezer._system = self.system  # type: ignore[assignment]

    def take_calls(self) -> list[str]:
        taken, self.calls[:] = list(self.calls), []
        return taken

    def in_thread(self, function: Callable[[], object]) -> list[object]:
        """Run a function beside the test; the list gets its result or error when it is done."""
        result: list[object] = []

        def run() -> None:
            try:
                result.append(function())
            except CommandError as error:
                result.append(error.desc)

        start_new_thread(run, ())
        return result


def eventually(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)

"""The table of programs started by guest-exec, from their start until their end has been told.

Nobody may ever ask for an end, so what is kept is bounded. Of the ended ones the oldest are forgotten when
they are too many, hold too much output, or ended too long ago; the output of the running ones is cut short
when all output together reaches its bound.

The runner, the warden and the thread that reads the pipes all come here: one lock guards the table, another
the count of bytes held.
"""

from __future__ import annotations

import time
from _thread import allocate_lock

from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Protocol, Union

    # How a program ended: ("exitcode", N), ("signal", N), or ("", 0) when nobody can tell any more.
    Ending = tuple[str, int]
    Buffer = Union[bytes, bytearray, memoryview]

    class Child(Protocol):
        """A process of the agent, as the operating system knows it."""

        pid: int

        def collect(self) -> Ending | None:
            """How it ended, None while it runs. Not called again after it has told an ending."""

        def wait(self, seconds: float) -> None:
            """Until it has ended, `seconds` at most; need not wait where the system can't."""


# Seconds in a program's life during which a query waits for its end instead of answering "not yet".
# Most programs are done by then, and the client is spared a round of polling.
PATIENCE = 0.02
MAX_RUNNING = 1024
MAX_ENDED = 1024
# Seconds for which an end that nobody asked for is kept.
ENDED_KEPT = 3600.0
# Bytes kept of one stream (QEMU's figure); the rest is read and dropped.
STREAM_LIMIT = 16 * 1024 * 1024
# Bytes kept of all streams together; the ended programs may hold half of it.
TOTAL_LIMIT = 256 * 1024 * 1024


class Budget:
    """Counts the bytes that all outputs together hold."""

    __slots__ = ("_held", "_limit", "_lock")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0
        self._lock = allocate_lock()

    def take(self, size: int) -> int:
        """Ask for `size` bytes; how many of them are granted."""
        with self._lock:
            granted = min(size, self._limit - self._held)
            self._held += granted
            return granted

    def give_back(self, size: int) -> None:
        """Return bytes that `take` granted."""
        with self._lock:
            self._held -= size


class Output:
    """What was kept of one captured stream. `closed` is set once the stream has come to its end."""

    __slots__ = ("_budget", "_open", "closed", "data", "truncated")

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._open = allocate_lock()
        self._open.acquire()
        self.data = bytearray()
        self.truncated = False
        self.closed = False

    def write(self, piece: Buffer) -> None:
        """Keep `piece`, or as much of it as the bounds allow."""
        size = len(piece)
        granted = self._budget.take(min(size, STREAM_LIMIT - len(self.data)))
        if granted < size:
            self.truncated = True
            piece = piece[:granted]
        self.data += piece

    def close(self) -> None:
        """The stream has ended; called once."""
        self.closed = True
        self._open.release()

    def wait(self, seconds: float) -> None:
        """Until the stream has ended, `seconds` at most."""
        if self._open.acquire(timeout=max(seconds, 0.0)):
            self._open.release()

    def discard(self) -> None:
        """Give the memory back."""
        self._budget.give_back(len(self.data))
        self.data = bytearray()


class Job:
    """One program. `ending` is None until it has been collected; `out` or `err` when it is not captured."""

    __slots__ = ("_child", "ended_at", "ending", "err", "out", "pid", "started_at")

    def __init__(self, child: Child, out: Output | None, err: Output | None) -> None:
        self.pid = child.pid
        self.out = out
        self.err = err
        self.ending: Ending | None = None
        self.started_at = time.monotonic()
        self.ended_at = 0.0
        self._child = child

    def look(self) -> bool:
        """True once the program has been collected and its captured streams are at their end.

        A process it left behind may hold a stream open: then it counts as running, as with the C agent.
        """
        if self.ending is None:
            self.ending = self._child.collect()
        return self.ending is not None and all(output.closed for output in self._outputs())

    def wait(self) -> None:
        """Until the program has ended, or its first `PATIENCE` is over."""
        deadline = self.started_at + PATIENCE
        if time.monotonic() >= deadline:
            return
        if self.ending is None:
            self._child.wait(deadline - time.monotonic())
        for output in self._outputs():
            output.wait(deadline - time.monotonic())

    def held(self) -> int:
        """Bytes of output kept."""
        return sum(len(output.data) for output in self._outputs())

    def discard(self) -> None:
        """Give the memory of the outputs back."""
        for output in self._outputs():
            output.discard()

    def _outputs(self) -> list[Output]:
        return [output for output in (self.out, self.err) if output is not None]


class Jobs:
    """The table itself. A job moves from running to ended, and leaves when its end is told or forgotten."""

    def __init__(self, total_limit: int = TOTAL_LIMIT, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = allocate_lock()
        self._budget = Budget(total_limit)
        self._ended_limit = total_limit // 2
        self._clock = clock
        self._running: dict[int, Job] = {}
        self._ended: dict[int, Job] = {}  # in the order of their ends
        self._ended_held = 0

    def new_output(self) -> Output:
        """An empty output whose bytes count towards the table's bound."""
        return Output(self._budget)

    def check_room(self) -> None:
        """CommandError when so many programs are running that another one must not be started."""
        if len(self._running) >= MAX_RUNNING:
            self.reap()
            if len(self._running) >= MAX_RUNNING:
                raise CommandError(f"{MAX_RUNNING} programs are running already: wait until one has ended")

    def add(self, job: Job) -> None:
        """Take in a program that has just been started. A forgotten one that had its pid gives way."""
        with self._lock:
            if job.pid in self._ended:
                self._leave(job.pid).discard()
            self._running[job.pid] = job
            self._forget()

    def take(self, pid: int) -> Job | None:
        """The ended job `pid`, which leaves the table; None while it is running.

        A program that has only just been started is given a moment to end. CommandError when there is no such
        job: never started, told before, or forgotten.
        """
        job = self._running.get(pid)
        if job is not None:
            job.wait()
        with self._lock:
            if pid in self._ended:
                return self._leave(pid)
            job = self._running.get(pid)
            if job is None:
                raise CommandError(f"PID {pid} does not exist")
            if not job.look():
                return None
            del self._running[pid]
            return job

    def reap(self) -> None:
        """Collect the exit statuses of ended children; called by the warden on SIGCHLD.

        Each child is waited for by its own number: the agent's other children are not touched.
        """
        with self._lock:
            ended = [job for job in self._running.values() if job.look()]
            now = self._clock()
            for job in ended:
                job.ended_at = now
                self._ended[job.pid] = self._running.pop(job.pid)
                self._ended_held += job.held()
            self._forget()

    def _forget(self) -> None:
        """Drop ended jobs, oldest first, until what is left is within the bounds."""
        oldest_kept = self._clock() - ENDED_KEPT
        while self._ended:
            pid, job = next(iter(self._ended.items()))
            within = len(self._ended) <= MAX_ENDED and self._ended_held <= self._ended_limit
            if within and job.ended_at >= oldest_kept:
                break
            self._leave(pid).discard()

    def _leave(self, pid: int) -> Job:
        job = self._ended.pop(pid)
        self._ended_held -= job.held()
        return job

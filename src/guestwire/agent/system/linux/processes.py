"""All processes in one pass over /proc/PID/stat: how many in which state, and which use most."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Fields behind the name, proc_pid_stat(5) counts them from 3 on.
_STATE, _PARENT, _USER, _SYSTEM, _THREADS, _START, _RESIDENT = 0, 1, 11, 12, 17, 19, 21
_NEEDED = _RESIDENT + 1
_SIZE = 1024  # a line has 52 numbers, most of them small


class Process:
    """One process. `cpu` and `start` are in clock ticks (start: since boot), `resident` in pages."""

    __slots__ = ("cpu", "name", "parent", "pid", "resident", "start", "state", "threads")

    def __init__(self, pid: int, name: bytes, fields: Sequence[bytes]) -> None:
        self.pid = pid
        self.name = name
        self.state = fields[_STATE]
        self.parent = int(fields[_PARENT])
        self.cpu = int(fields[_USER]) + int(fields[_SYSTEM])
        self.threads = int(fields[_THREADS])
        self.start = int(fields[_START])
        self.resident = int(fields[_RESIDENT])


def processes(root: str) -> list[Process]:
    """Every process, in the order of /proc; one that ends meanwhile is left out."""
    found = []
    front = root + "/proc/"
    for name in os.listdir(front):
        if name.isdigit():
            process = parse(_stat(f"{front}{name}/stat"))
            if process is not None:
                found.append(process)
    return found


def parse(line: bytes) -> Process | None:
    """A line of /proc/PID/stat. The name in parentheses may hold anything, parentheses too."""
    head, closing, rest = line.rpartition(b") ")
    pid, opening, name = head.partition(b" (")
    fields = rest.split(None, _NEEDED)
    if not closing or not opening or len(fields) < _NEEDED:
        return None
    return Process(int(pid), name, fields)


def _stat(path: str) -> bytes:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(fd, _SIZE)
    except OSError:  # ESRCH: it ended after the file was opened
        return b""
    finally:
        os.close(fd)


class CpuRanking:
    """Who used most processor time since the last ranking; a process that is new, since its start."""

    def __init__(self) -> None:
        self._last: dict[tuple[int, int], int] = {}

    def top(self, found: Sequence[Process], count: int) -> list[Process]:
        """The first `count`. Those that used none since then follow by what they used in all."""
        last = self._last
        self._last = {(process.pid, process.start): process.cpu for process in found}

        def used(process: Process) -> tuple[int, int]:
            return process.cpu - last.get((process.pid, process.start), 0), process.cpu

        return largest(found, used, count)


def largest(found: Sequence[Process], key: Callable[[Process], object], count: int) -> list[Process]:
    """The first `count` by `key`, largest first."""
    return sorted(found, key=key, reverse=True)[:count]  # type: ignore[arg-type]

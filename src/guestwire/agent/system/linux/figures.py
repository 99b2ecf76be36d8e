"""Figures of the whole system from /proc: memory, pressure, counters of the kernel. For bulk metrics."""

from __future__ import annotations

from guestwire.agent.system.linux.kernfile import read_table
from guestwire.agent.system.linux.stat import CPU_MODES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SINGLE_COUNTERS = ("intr", "ctxt", "btime", "processes", "procs_running", "procs_blocked")


def memory(root: str) -> dict[str, int]:
    """/proc/meminfo: name -> bytes (or pages, for the few that have no unit)."""
    figures = {}
    for line in read_table(root + "/proc/meminfo").split(b"\n"):
        name, colon, value = line.partition(b":")
        words = value.split()
        if colon and words:
            figures[name.decode("ascii", "replace")] = int(words[0]) * (1024 if words[1:] == [b"kB"] else 1)
    return figures


def virtual_memory(root: str) -> dict[str, int]:
    """/proc/vmstat: name -> count or counter, such as `pgmajfault`, `pswpin` and `oom_kill`."""
    lines = (line.split() for line in read_table(root + "/proc/vmstat").split(b"\n"))
    return {words[0].decode("ascii", "replace"): int(words[1]) for words in lines if len(words) == 2}


def pressure(root: str, resource: str) -> dict[str, dict[str, float]]:
    """/proc/pressure/RESOURCE (cpu, io, memory): `some` and `full`, each avg10, avg60, avg300 in percent
    and total in microseconds. OSError on a kernel without PSI (before 4.20, or switched off).
    """
    figures = {}
    for line in read_table(f"{root}/proc/pressure/{resource}").decode("ascii", "replace").split("\n"):
        kind, _, rest = line.partition(" ")
        if rest:
            pairs = (word.partition("=") for word in rest.split())
            figures[kind] = {name: float(value) for name, _, value in pairs}
    return figures


def kernel(root: str) -> dict[str, Any]:
    """/proc/stat beyond the CPUs: `cpu`, the ticks of all CPUs together by mode, and `intr`, `ctxt`,
    `btime` (boot, seconds since the epoch), `processes` (forks), `procs_running` and `procs_blocked`."""
    figures: dict[str, Any] = {}
    for line in read_table(root + "/proc/stat").split(b"\n"):
        words = line.split(None, len(CPU_MODES) + 1)
        if not words:
            continue
        name = words[0].decode("ascii", "replace")
        if name == "cpu":
            figures["cpu"] = dict(zip(CPU_MODES, map(int, words[1 : len(CPU_MODES) + 1])))
        elif name in _SINGLE_COUNTERS:
            figures[name] = int(words[1])
    return figures


def file_handles(root: str) -> tuple[int, int]:
    """/proc/sys/fs/file-nr: (handles allocated, their limit)."""
    words = read_table(root + "/proc/sys/fs/file-nr").split()
    return int(words[0]), int(words[2])


def load(root: str) -> tuple[float, float, float, int, int]:
    """/proc/loadavg: averages over 1, 5 and 15 minutes, tasks that can run, tasks."""
    words = read_table(root + "/proc/loadavg").split()
    runnable, _, tasks = words[3].partition(b"/")
    return float(words[0]), float(words[1]), float(words[2]), int(runnable), int(tasks)


def uptime(root: str) -> float:
    """/proc/uptime: seconds since boot, suspended time included."""
    return float(read_table(root + "/proc/uptime").split()[0])

"""The host's view of a guest: what its QEMU process takes of CPU and memory, from /proc/PID (see proc(5)).

Beside the guest's own figures it tells steal that the guest cannot see, and memory that the host spends on it.
"""

from __future__ import annotations

import os
from pathlib import Path

from guestwire.monitor.samples import Sample

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_UTIME, _STIME, _THREADS, _RSS = 11, 12, 17, 21  # of the fields behind the program's name
THREADS = 512  # of one process that are looked at


def figures(pid: int, root: Path = Path("/")) -> list[Sample]:
    """Samples of a process; none where it is gone or may not be read."""
    folder = root / "proc" / str(pid)
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        cpu = (int(fields[_UTIME]) + int(fields[_STIME])) / _TICKS
        threads, resident = int(fields[_THREADS]), int(fields[_RSS]) * _PAGE
    except (OSError, ValueError, IndexError):
        return []
    samples = [
        Sample("guestwire_host_cpu_seconds_total", (), cpu),
        Sample("guestwire_host_resident_bytes", (), float(resident)),
        Sample("guestwire_host_threads", (), float(threads)),
    ]
    delay = run_delay(folder)
    if delay is not None:
        samples.append(Sample("guestwire_host_run_delay_seconds_total", (), delay))
    return samples


def run_delay(folder: Path) -> float | None:
    """Seconds that the threads waited for a CPU, all together (schedstat's second figure); None if not told.

    A thread that ends takes its share along: the sum may fall, as a counter that starts anew.
    """
    total = 0
    try:
        for thread in os.listdir(folder / "task")[:THREADS]:
            total += int((folder / "task" / thread / "schedstat").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return total / 1e9

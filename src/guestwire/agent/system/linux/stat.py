"""/proc/stat and /proc/diskstats: counters of CPUs and disks since boot."""

from __future__ import annotations

from guestwire.agent.system.linux.kernfile import read_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    DiskLine = tuple[str, int, int, list[int]]

# Columns of a `cpuN` line, kernel: fs/proc/stat.c. The first four are always there.
CPU_MODES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest", "guest_nice")


def cpu_times(root: str) -> list[tuple[int, list[int]]]:
    """(CPU number, clock ticks in the order of `CPU_MODES`) for each CPU that is online.

    An old kernel tells fewer columns, a newer one may tell more; those are cut off.
    """
    cpus = []
    for line in read_table(root + "/proc/stat").split(b"\n"):
        if not line.startswith(b"cpu"):
            break  # the CPU lines stand first, before a long line of interrupts
        words = line.split()
        number = words[0][3:]
        if number.isdigit() and len(words) >= 5:
            cpus.append((int(number), [int(word) for word in words[1 : len(CPU_MODES) + 1]]))
    return cpus


def disk_counters(root: str) -> list[DiskLine]:
    """(name, major, minor, counters) for each line of /proc/diskstats, as many counters as the kernel tells.

    11 counters, since Linux 4.18 15, since 5.5 17; a partition of a kernel before 2.6.25 has 4.
    """
    disks = []
    for line in read_table(root + "/proc/diskstats").split(b"\n"):
        disk = _disk(line.split())
        if disk is not None:
            disks.append(disk)
    return disks


def _disk(words: list[bytes]) -> DiskLine | None:
    if len(words) < 7:
        return None
    name = words[2].decode("utf-8", "surrogateescape")
    return name, int(words[0]), int(words[1]), [int(word) for word in words[3:]]

"""guest-get-cpustats and guest-get-diskstats on Linux."""

from __future__ import annotations

import os

from guestwire.agent.system.linux.stat import cpu_times, disk_counters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guestwire.agent.state import AgentState

_CPU_MEMBERS = (
    "user",
    "nice",
    "system",
    "idle",
    "iowait",
    "irq",
    "softirq",
    "steal",
    "guest",
    "guestnice",
)
# In the order of the columns, kernel: Documentation/admin-guide/iostats.rst.
_DISK_MEMBERS = (
    "read-ios",
    "read-merges",
    "read-sectors",
    "read-ticks",
    "write-ios",
    "write-merges",
    "write-sectors",
    "write-ticks",
    "ios-pgr",
    "total-ticks",
    "weight-ticks",
    "discard-ios",
    "discard-merges",
    "discard-sectors",
    "discard-ticks",
    "flush-ios",
    "flush-ticks",
)
# What the four counters of a partition meant before Linux 2.6.25.
_PARTITION_MEMBERS = ("read-ios", "read-sectors", "write-ios", "write-sectors")
# Columns are added in these steps; what lies between them is not looked at.
_DISK_STEPS = (17, 15, 11)

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def guest_get_cpustats(agent: AgentState) -> list[dict[str, Any]]:
    """Milliseconds since boot that each CPU spent in each mode."""
    stats = []
    for number, ticks in cpu_times(agent.root):
        cpu: dict[str, Any] = {"type": "linux", "cpu": number}
        for member, count in zip(_CPU_MEMBERS, ticks):
            cpu[member] = count * 1000 // _TICKS_PER_SECOND
        stats.append(cpu)
    return stats


def guest_get_diskstats(agent: AgentState) -> list[dict[str, Any]]:
    """Counters since boot of all disks and partitions; ticks are milliseconds, sectors 512 bytes."""
    return [
        {"name": name, "major": major, "minor": minor, "stats": _disk_stats(counters)}
        for name, major, minor, counters in disk_counters(agent.root)
    ]


def _disk_stats(counters: list[int]) -> dict[str, int]:
    known = len(counters)
    if known == len(_PARTITION_MEMBERS):
        return dict(zip(_PARTITION_MEMBERS, counters))
    for step in _DISK_STEPS:
        if known >= step:
            return dict(zip(_DISK_MEMBERS[:step], counters))
    return {}

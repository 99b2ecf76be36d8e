"""guestwire-get-metrics on Linux. Each section is one function; what fails costs that section only."""

from __future__ import annotations

import os
import time

from guestwire.agent.commands.linux.network import STATISTICS
from guestwire.agent.commands.linux.stats import guest_get_cpustats, guest_get_diskstats
from guestwire.agent.commands.linux.users import guest_get_users
from guestwire.agent.system.linux import figures, interfaces
from guestwire.agent.system.linux.kernfile import read_attribute
from guestwire.agent.system.linux.processes import CpuRanking, largest, processes
from guestwire.agent.system.linux.sources import sources_of, statistics
from guestwire.agent.text import from_os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from guestwire.agent.state import AgentState
    from guestwire.agent.system.linux.mounts import Filesystem
    from guestwire.agent.system.linux.processes import Process

_MAX_LIST = 1024
_MAX_TOP = 100
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_RESOURCES = ("cpu", "io", "memory")

_MEMORY = {
    "total": "MemTotal",
    "free": "MemFree",
    "available": "MemAvailable",
    "buffers": "Buffers",
    "cached": "Cached",
    "active": "Active",
    "inactive": "Inactive",
    "dirty": "Dirty",
    "writeback": "Writeback",
    "anonymous": "AnonPages",
    "shared": "Shmem",
    "slab": "Slab",
    "slab-reclaimable": "SReclaimable",
    "committed": "Committed_AS",
    "commit-limit": "CommitLimit",
    "swap-total": "SwapTotal",
    "swap-free": "SwapFree",
    "swap-cached": "SwapCached",
}
_PAGING = {
    "swap-ins": "pswpin",
    "swap-outs": "pswpout",
    "major-faults": "pgmajfault",
    "oom-kills": "oom_kill",
}
_KERNEL = {
    "boot-time": "btime",
    "context-switches": "ctxt",
    "forks": "processes",
    "interrupts": "intr",
    "running": "procs_running",
    "blocked": "procs_blocked",
}
# Letters of the kernel, fs/proc/array.c; X and others are processes about to vanish.
_STATES = {
    b"R": "running",
    b"S": "sleeping",
    b"I": "sleeping",
    b"D": "blocked",
    b"T": "stopped",
    b"t": "stopped",
    b"Z": "zombie",
}

# What the last answer said of each process, so that this one can tell who was busy since; for each captured tree.
_rankings: dict[str, CpuRanking] = {}


def guestwire_get_metrics(
    agent: AgentState, sections: Sequence[str] | None = None, top: int = 10
) -> dict[str, Any]:
    """All figures of a guest, or those of some sections, with the clocks at which they were taken."""
    answer: dict[str, Any] = {
        "boot-id": read_attribute(agent.root + "/proc/sys/kernel/random/boot_id")
        .decode("ascii", "replace")
        .strip(),
        "monotonic": time.monotonic_ns(),
        "uptime": time.clock_gettime_ns(time.CLOCK_BOOTTIME),
        "time": time.time_ns(),
    }
    missing = []
    for name, tell in _SECTIONS.items():
        if sections is not None and name not in sections:
            continue
        try:
            told = tell(agent, min(top, _MAX_TOP))
        except OSError as error:
            missing.append({"section": name, "reason": error.strerror or str(error)})
        except (ValueError, LookupError):
            missing.append(
                {"section": name, "reason": "the kernel's figures have another form than expected"}
            )
        else:
            answer[name] = told[:_MAX_LIST] if type(told) is list else told
    if missing:
        answer["missing"] = missing
    return answer


def _cpus(agent: AgentState, top: int) -> list[dict[str, Any]]:
    return guest_get_cpustats(agent)


def _load(agent: AgentState, top: int) -> dict[str, float]:
    one, five, fifteen, _, _ = figures.load(agent.root)
    return {"load1m": one, "load5m": five, "load15m": fifteen}


def _memory(agent: AgentState, top: int) -> dict[str, int]:
    told = _some(figures.memory(agent.root), _MEMORY)
    told.update(_some(figures.virtual_memory(agent.root), _PAGING))
    return told


def _pressure(agent: AgentState, top: int) -> list[dict[str, Any]]:
    return [
        {"resource": resource, "stall": stall, **averages, "total": int(averages["total"])}
        for resource in _RESOURCES
        for stall, averages in figures.pressure(agent.root, resource).items()
    ]


def _filesystems(agent: AgentState, top: int) -> list[dict[str, Any]]:
    sources = sources_of(agent)
    found = sources.mounts.filesystems()[:_MAX_LIST]
    return [_filesystem(*pair) for pair in zip(found, statistics(agent.root, sources, found))]


def _filesystem(filesystem: Filesystem, status: os.statvfs_result | OSError) -> dict[str, Any]:
    info: dict[str, Any] = {
        "source": from_os(filesystem.source),
        "mountpoint": from_os(filesystem.path),
        "type": from_os(filesystem.kind),
    }
    if isinstance(status, OSError):
        info["error"] = status.strerror or str(status)
        return info
    info["read-only"] = bool(status.f_flag & os.ST_RDONLY)
    info["total-bytes"] = status.f_blocks * status.f_frsize
    info["free-bytes"] = status.f_bfree * status.f_frsize
    info["available-bytes"] = status.f_bavail * status.f_frsize
    if status.f_files:  # btrfs and others make inodes as they need them, and say 0
        info["inodes"] = status.f_files
        info["inodes-free"] = status.f_ffree
    return info


def _disks(agent: AgentState, top: int) -> list[dict[str, Any]]:
    return guest_get_diskstats(agent)


def _interfaces(agent: AgentState, top: int) -> list[dict[str, Any]]:
    return [
        {"name": name, "statistics": {member: columns[column] for member, column in STATISTICS}}
        for name, columns in interfaces.counters(agent.root).items()
    ]


def _processes(agent: AgentState, top: int) -> dict[str, Any]:
    found = processes(agent.root)
    told: dict[str, Any] = {"total": len(found), "threads": 0}
    told.update(dict.fromkeys(_STATES.values(), 0))
    for process in found:
        told["threads"] += process.threads
        state = _STATES.get(process.state)
        if state is not None:
            told[state] += 1
    ranking = _rankings.get(agent.root)
    if ranking is None:
        ranking = _rankings[agent.root] = CpuRanking()
    told["top-cpu"] = [_process(process) for process in ranking.top(found, top)]
    told["top-memory"] = [_process(process) for process in largest(found, lambda p: p.resident, top)]
    return told


def _process(process: Process) -> dict[str, Any]:
    return {
        "pid": process.pid,
        "parent": process.parent,
        "name": from_os(process.name),
        "state": from_os(process.state),
        "start": process.start * 1000 // _TICKS_PER_SECOND,
        "cpu": process.cpu * 1000 // _TICKS_PER_SECOND,
        "resident-bytes": process.resident * _PAGE,
        "threads": process.threads,
    }


def _users(agent: AgentState, top: int) -> list[dict[str, Any]]:
    return guest_get_users(agent)


def _kernel(agent: AgentState, top: int) -> dict[str, int]:
    told = _some(figures.kernel(agent.root), _KERNEL)
    told["file-handles"], told["file-handles-limit"] = figures.file_handles(agent.root)
    return told


def _units(agent: AgentState, top: int) -> dict[str, Any]:
    from guestwire.agent.system.linux.units import failed_units

    failed = failed_units(agent.root)
    return {"failed-count": len(failed), "failed": failed[:_MAX_LIST]}


def _some(figures: dict[str, int], names: dict[str, str]) -> dict[str, int]:
    """Those that the kernel tells, by the names of the wire."""
    return {member: figures[name] for member, name in names.items() if name in figures}


_SECTIONS: dict[str, Callable[[AgentState, int], Any]] = {
    "cpus": _cpus,
    "load": _load,
    "memory": _memory,
    "pressure": _pressure,
    "filesystems": _filesystems,
    "disks": _disks,
    "interfaces": _interfaces,
    "processes": _processes,
    "users": _users,
    "kernel": _kernel,
    "units": _units,
}

"""Boot time, processes, context switches and OOM kills: /proc/stat and /proc/vmstat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from guestwire.monitor.collectors.base import Answers, Pace, Section, Step, bulk, number
from guestwire.monitor.samples import Sample, Source

_STAT = {
    "btime": "node_boot_time_seconds",
    "ctxt": "node_context_switches_total",
    "processes": "node_forks_total",
    "procs_running": "node_procs_running",
    "procs_blocked": "node_procs_blocked",
    "intr": "node_intr_total",
}
_VMSTAT = ("oom_kill", "pswpin", "pswpout", "pgmajfault")
# Members of our agent's answer, by the names of the figures.
_KERNEL_MEMBERS = {
    "boot-time": "node_boot_time_seconds",
    "context-switches": "node_context_switches_total",
    "forks": "node_forks_total",
    "running": "node_procs_running",
    "blocked": "node_procs_blocked",
    "interrupts": "node_intr_total",
    "file-handles": "node_filefd_allocated",
    "file-handles-limit": "node_filefd_maximum",
}
_MEMORY_MEMBERS = {
    "oom-kills": "node_vmstat_oom_kill",
    "swap-ins": "node_vmstat_pswpin",
    "swap-outs": "node_vmstat_pswpout",
    "major-faults": "node_vmstat_pgmajfault",
}


def from_kernel(answers: Answers) -> Iterator[Sample]:
    """Our agent's kernel section."""
    return _members(answers.one(), _KERNEL_MEMBERS)


def from_memory(answers: Answers) -> Iterator[Sample]:
    """The counters of our agent's memory section."""
    return _members(answers.one(), _MEMORY_MEMBERS)


def _members(told: dict[str, Any], names: dict[str, str]) -> Iterator[Sample]:
    for member, name in names.items():
        if member in told:
            yield Sample(name, (), number(told[member]))


def from_stat(answers: Answers) -> Iterator[Sample]:
    """/proc/stat's single figures."""
    fields = (line.split(maxsplit=2) for line in answers.text().splitlines())
    found = {parts[0]: parts[1] for parts in fields if len(parts) > 1}
    for key, name in _STAT.items():
        if key in found:
            yield Sample(name, (), float(int(found[key])))


def from_vmstat(answers: Answers) -> Iterator[Sample]:
    """The part of /proc/vmstat that alerts look at."""
    found = dict(line.split() for line in answers.text().splitlines())
    for key in _VMSTAT:
        if key in found:
            yield Sample(f"node_vmstat_{key}", (), float(int(found[key])))


SECTION = Section(
    "kernel",
    tuple(_KERNEL_MEMBERS.values()),
    (bulk("kernel", from_kernel), Step(Source.FILES, from_stat, files=("/proc/stat",))),
    Pace.MEDIUM,
)
VMSTAT = Section(
    "vmstat",
    tuple(f"node_vmstat_{key}" for key in _VMSTAT),
    (bulk("memory", from_memory), Step(Source.FILES, from_vmstat, files=("/proc/vmstat",))),
    Pace.MEDIUM,
)

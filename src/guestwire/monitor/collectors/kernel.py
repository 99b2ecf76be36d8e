"""Boot time, processes, context switches and OOM kills: /proc/stat and /proc/vmstat."""

from __future__ import annotations

from collections.abc import Iterator

from guestwire.monitor.collectors.base import Answers, Pace, Section, Step
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
    "kernel", tuple(_STAT.values()), (Step(Source.FILES, from_stat, files=("/proc/stat",)),), Pace.MEDIUM
)
VMSTAT = Section(
    "vmstat",
    tuple(f"node_vmstat_{key}" for key in _VMSTAT),
    (Step(Source.FILES, from_vmstat, files=("/proc/vmstat",)),),
    Pace.MEDIUM,
)

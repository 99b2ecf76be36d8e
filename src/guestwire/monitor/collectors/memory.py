"""Memory and swap: /proc/meminfo. No stock command tells what is in use."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guestwire.monitor.catalogue import METRICS
from guestwire.monitor.collectors.base import Answers, Section, Step, bulk, number
from guestwire.monitor.samples import Sample, Source

NAMES = tuple(name for name in METRICS if name.startswith("node_memory_"))
_LINE = re.compile(r"^(\w+):\s+(\d+) kB$", re.MULTILINE)


# Members of our agent's answer by the kernel's names.
_MEMBERS = {
    "MemTotal": "total",
    "MemFree": "free",
    "MemAvailable": "available",
    "Buffers": "buffers",
    "Cached": "cached",
    "Active": "active",
    "Inactive": "inactive",
    "Dirty": "dirty",
    "Shmem": "shared",
    "Slab": "slab",
    "SReclaimable": "slab-reclaimable",
    "Committed_AS": "committed",
    "SwapTotal": "swap-total",
    "SwapFree": "swap-free",
    "SwapCached": "swap-cached",
}


def from_metrics(answers: Answers) -> Iterator[Sample]:
    """Our agent's memory section, in bytes."""
    memory = answers.one()
    for kernel, member in _MEMBERS.items():
        if member in memory:
            yield Sample(f"node_memory_{kernel}_bytes", (), number(memory[member]))


def from_file(answers: Answers) -> Iterator[Sample]:
    """/proc/meminfo, whose kB are KiB."""
    found = {f"node_memory_{key}_bytes": int(size) * 1024 for key, size in _LINE.findall(answers.text())}
    if "node_memory_MemTotal_bytes" not in found:
        raise ValueError("no MemTotal")
    for name in NAMES:
        if name in found:
            yield Sample(name, (), float(found[name]))


SECTION = Section(
    "memory", NAMES, (bulk("memory", from_metrics), Step(Source.FILES, from_file, files=("/proc/meminfo",)))
)

"""CPU time by CPU and mode: guest-get-cpustats (milliseconds), or /proc/stat (hundredths of a second)."""

from __future__ import annotations

from collections.abc import Iterator

from guestwire.monitor.collectors.base import LISTED, Answers, Section, Step, bulk, number
from guestwire.monitor.samples import Sample, Source

NAME = "node_cpu_seconds_total"
MODES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
_HZ = 100  # USER_HZ: the unit of /proc/stat on every Linux that QEMU runs


def _sample(cpu: str, mode: str, seconds: float) -> Sample:
    return Sample(NAME, (("cpu", cpu), ("mode", mode)), seconds)


def from_command(answers: Answers) -> Iterator[Sample]:
    """guest-get-cpustats; modes that its agent does not know are left out."""
    for record in answers.listed():
        if record.get("type", "linux") != "linux":
            continue
        for mode in MODES:
            if mode in record:
                yield _sample(str(int(number(record["cpu"]))), mode, number(record[mode]) / 1000)


def from_file(answers: Answers) -> Iterator[Sample]:
    """The cpuN lines of /proc/stat."""
    lines = [
        line.split() for line in answers.text().splitlines() if line.startswith("cpu") and line[3:4].isdigit()
    ]
    if not lines:
        raise ValueError("no cpuN lines")
    for fields in lines[:LISTED]:
        for mode, ticks in zip(MODES, fields[1:], strict=False):
            yield _sample(fields[0][3:], mode, int(ticks) / _HZ)


SECTION = Section(
    "cpu",
    (NAME,),
    (
        bulk("cpus", from_command),
        Step(Source.STOCK, from_command, commands=("guest-get-cpustats",)),
        Step(Source.FILES, from_file, files=("/proc/stat",)),
    ),
)

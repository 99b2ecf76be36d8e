"""Disk counters: guest-get-diskstats, or /proc/diskstats. Units: sectors of 512 bytes, milliseconds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guestwire.monitor.collectors.base import LISTED, Answers, Section, Step, bulk, number
from guestwire.monitor.samples import Sample, Source

_PREFIX = "node_disk_"
# (our name, the command's key, factor) in the order of /proc/diskstats' columns
COLUMNS = (
    ("reads_completed_total", "read-ios", 1.0),
    ("reads_merged_total", "read-merges", 1.0),
    ("read_bytes_total", "read-sectors", 512.0),
    ("read_time_seconds_total", "read-ticks", 0.001),
    ("writes_completed_total", "write-ios", 1.0),
    ("writes_merged_total", "write-merges", 1.0),
    ("written_bytes_total", "write-sectors", 512.0),
    ("write_time_seconds_total", "write-ticks", 0.001),
    ("io_now", "ios-pgr", 1.0),
    ("io_time_seconds_total", "total-ticks", 0.001),
    ("io_time_weighted_seconds_total", "weight-ticks", 0.001),
    ("discards_completed_total", "discard-ios", 1.0),
    ("discards_merged_total", "discard-merges", 1.0),
    ("discarded_sectors_total", "discard-sectors", 1.0),
    ("discard_time_seconds_total", "discard-ticks", 0.001),
    ("flush_requests_total", "flush-ios", 1.0),
    ("flush_requests_time_seconds_total", "flush-ticks", 0.001),
)
# what node_exporter leaves out by default: RAM disks, loops, floppies, partitions
_IGNORED = re.compile(r"(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+")


def _sample(device: str, name: str, value: float, factor: float) -> Sample:
    # a product with 0.001 is not the decimal fraction: 3 * 0.001 != 0.003
    return Sample(_PREFIX + name, (("device", device),), value / 1000 if factor == 0.001 else value * factor)


def from_command(answers: Answers) -> Iterator[Sample]:
    """guest-get-diskstats; older kernels have fewer figures."""
    for record in answers.listed():
        device, stats = str(record["name"]), record["stats"]
        if _IGNORED.fullmatch(device):
            continue
        for name, key, factor in COLUMNS:
            if key in stats:
                yield _sample(device, name, number(stats[key]), factor)


def from_file(answers: Answers) -> Iterator[Sample]:
    """/proc/diskstats: 11, 15 or 17 figures after major, minor and name."""
    for line in answers.text().splitlines()[:LISTED]:
        _, _, device, *figures = line.split()
        if _IGNORED.fullmatch(device):
            continue
        for (name, _, factor), text in zip(COLUMNS, figures, strict=False):
            yield _sample(device, name, float(int(text)), factor)


SECTION = Section(
    "disks",
    tuple(_PREFIX + name for name, _, _ in COLUMNS),
    (
        bulk("disks", from_command),
        Step(Source.STOCK, from_command, commands=("guest-get-diskstats",)),
        Step(Source.FILES, from_file, files=("/proc/diskstats",)),
    ),
)

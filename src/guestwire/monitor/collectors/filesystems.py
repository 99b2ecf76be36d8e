"""Filesystems: guest-get-fsinfo. Its sizes: total-bytes is what normal users can have, -privileged what there is."""

from __future__ import annotations

from collections.abc import Iterator

from guestwire.monitor.collectors.base import Answers, Pace, Section, Step, bulk, number
from guestwire.monitor.samples import Sample, Source, labels_of

NAMES = ("node_filesystem_size_bytes", "node_filesystem_avail_bytes", "node_filesystem_free_bytes")
_PREFIX = "node_filesystem_"
_MEMBERS = {
    "total-bytes": "size_bytes",
    "available-bytes": "avail_bytes",
    "free-bytes": "free_bytes",
    "inodes": "files",
    "inodes-free": "files_free",
    "read-only": "readonly",
}
_IGNORED = frozenset({"squashfs", "iso9660", "erofs", "udf"})  # always full, by nature


def from_metrics(answers: Answers) -> Iterator[Sample]:
    """Our agent's filesystems section; of one that does not answer it has an error instead of figures."""
    for record in answers.listed():
        if record["type"] in _IGNORED:
            continue
        labels = labels_of(
            device=str(record["source"]), fstype=str(record["type"]), mountpoint=str(record["mountpoint"])
        )
        yield Sample(_PREFIX + "device_error", labels, float("error" in record))
        for member, name in _MEMBERS.items():
            if member in record:
                value = record[member]
                yield Sample(_PREFIX + name, labels, float(value) if member == "read-only" else number(value))


def from_command(answers: Answers) -> Iterator[Sample]:
    """guest-get-fsinfo. Old agents (before 3.0) give no sizes, ours and newer ones give the privileged total too."""
    for record in answers.listed():
        if "used-bytes" not in record or "total-bytes" not in record or record["type"] in _IGNORED:
            continue
        device = str(record["name"])
        labels = labels_of(
            device=device if device.startswith(("/", "\\")) else f"/dev/{device}",
            fstype=str(record["type"]),
            mountpoint=str(record["mountpoint"]),
        )
        used, total = number(record["used-bytes"]), number(record["total-bytes"])
        yield Sample(NAMES[1], labels, max(0.0, total - used))
        if "total-bytes-privileged" in record:
            size = number(record["total-bytes-privileged"])
            yield Sample(NAMES[0], labels, size)
            yield Sample(NAMES[2], labels, max(0.0, size - used))
        else:  # before QEMU 8.2: root's reserve is not told, so the size is as df's percentage has it
            yield Sample(NAMES[0], labels, total)


SECTION = Section(
    "filesystems",
    (*(_PREFIX + name for name in _MEMBERS.values()), _PREFIX + "device_error"),
    (
        bulk("filesystems", from_metrics),
        Step(Source.STOCK, from_command, commands=("guest-get-fsinfo",)),
    ),
    Pace.MEDIUM,
)

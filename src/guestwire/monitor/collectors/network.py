"""Interface counters: guest-network-get-interfaces (interfaces with an address only), or /proc/net/dev."""

from __future__ import annotations

from collections.abc import Iterator

from guestwire.monitor.collectors.base import LISTED, Answers, Section, Step, bulk, number
from guestwire.monitor.samples import Sample, Source

_PREFIX = "node_network_"
# (our name, the command's key, column of /proc/net/dev)
COLUMNS = (
    ("receive_bytes_total", "rx-bytes", 0),
    ("receive_packets_total", "rx-packets", 1),
    ("receive_errs_total", "rx-errs", 2),
    ("receive_drop_total", "rx-dropped", 3),
    ("transmit_bytes_total", "tx-bytes", 8),
    ("transmit_packets_total", "tx-packets", 9),
    ("transmit_errs_total", "tx-errs", 10),
    ("transmit_drop_total", "tx-dropped", 11),
)


def _sample(device: str, name: str, value: float) -> Sample:
    return Sample(_PREFIX + name, (("device", device),), value)


def from_command(answers: Answers) -> Iterator[Sample]:
    """guest-network-get-interfaces."""
    for record in answers.listed():
        for name, key, _ in COLUMNS if "statistics" in record else ():
            yield _sample(str(record["name"]), name, number(record["statistics"][key]))


def from_file(answers: Answers) -> Iterator[Sample]:
    """/proc/net/dev, after its two lines of heading."""
    for line in answers.text().splitlines()[2 : LISTED + 2]:
        device, _, figures = line.rpartition(":")
        columns = figures.split()
        for name, _, column in COLUMNS:
            yield _sample(device.strip(), name, float(int(columns[column])))


SECTION = Section(
    "network",
    tuple(_PREFIX + name for name, _, _ in COLUMNS),
    (
        bulk("interfaces", from_command),
        Step(Source.STOCK, from_command, commands=("guest-network-get-interfaces",)),
        Step(Source.FILES, from_file, files=("/proc/net/dev",)),
    ),
)

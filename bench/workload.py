"""The figures of a busy Linux guest, made up but shaped like real ones: what every store benchmark feeds.

80 series a guest: CPU times of two CPUs by mode, load, memory, PSI, filesystems, disks, network, constants.
"""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

from guestwire.monitor.samples import Labels, Sample, labels_of

if TYPE_CHECKING:
    from collections.abc import Iterator

Series = tuple[str, Labels]
CPU_MODES = {
    "user": 200,
    "system": 60,
    "idle": 900,
    "iowait": 8,
    "irq": 0,
    "softirq": 5,
    "steal": 3,
    "nice": 0,
}


class Guest:
    """One made-up guest: `step()` moves time on by ten seconds and gives its 80 values."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.phase = self.random.random() * 6
        self.tick = 0
        self.values: dict[Series, float] = {}
        self.moves: list[tuple[Series, str, float]] = list(self._plan())
        for series, _, scale in self.moves:
            self.values[series] = round(self.random.random() * scale * 1000)
        self.series = [series for series, _, _ in self.moves]

    def _plan(self) -> Iterator[tuple[Series, str, float]]:
        for cpu in "01":
            for mode, scale in CPU_MODES.items():
                yield ("node_cpu_seconds_total", labels_of(cpu=cpu, mode=mode)), "ticks", scale
        for span in ("1", "5", "15"):
            yield (f"node_load{span}", ()), "load", 1
        for part in ("MemAvailable", "MemFree", "Buffers", "Cached", "Dirty", "Slab"):
            yield (f"node_memory_{part}_bytes", ()), "pages", 3000
        for part in ("MemTotal", "SwapTotal", "SwapFree"):
            yield (f"node_memory_{part}_bytes", ()), "constant", 1 << 22
        for part in ("cpu_waiting", "memory_waiting", "memory_stalled", "io_waiting", "io_stalled"):
            yield (f"node_pressure_{part}_seconds_total", ()), "micros", 20_000
        for mount in ("/", "/var", "/home"):
            labels = labels_of(device="/dev/vda1", fstype="ext4", mountpoint=mount)
            yield ("node_filesystem_size_bytes", labels), "constant", 1 << 30
            yield ("node_filesystem_avail_bytes", labels), "slow", 200
            yield ("node_filesystem_free_bytes", labels), "slow", 200
            yield ("node_filesystem_files", labels), "constant", 65536
            yield ("node_filesystem_files_free", labels), "slow", 2
        for disk in ("vda", "vdb"):
            for name, scale in (
                ("reads_completed_total", 30),
                ("writes_completed_total", 60),
                ("read_bytes_total", 90_000),
                ("written_bytes_total", 400_000),
                ("io_time_seconds_total", 90),
            ):
                yield (f"node_disk_{name}", labels_of(device=disk)), "burst", scale
        for nic in ("eth0", "lo"):
            for name, scale in (
                ("receive_bytes", 900_000),
                ("transmit_bytes", 300_000),
                ("receive_packets", 900),
                ("transmit_packets", 700),
                ("receive_errs", 0),
                ("receive_drop", 0),
            ):
                yield (f"node_network_{name}_total", labels_of(device=nic)), "burst", scale
        for name, move, scale in (
            ("node_context_switches_total", "burst", 9000),
            ("node_forks_total", "burst", 12),
            ("node_procs_running", "load", 2),
            ("node_procs_blocked", "constant", 0),
            ("node_filefd_allocated", "level", 40),
            ("node_boot_time_seconds", "constant", 1e6),
            ("node_vmstat_oom_kill", "constant", 0),
            ("guestwire_guest_up", "constant", 1),
            ("guestwire_guest_poll_seconds", "float", 0.004),
            ("guestwire_guest_clock_offset_seconds", "float", 0.01),
        ):
            yield (name, ()), move, scale

    def step(self) -> list[float]:
        """The next value of every series, in the order of `series`."""
        self.tick += 1
        busy = 1 + math.sin(self.tick / 1375 + self.phase) * 0.7
        rng = self.random
        out = []
        for series, move, scale in self.moves:
            value = self.values[series]
            if move == "ticks":
                value = round(value + rng.gauss(scale, scale / 12) * busy / 100, 2)
            elif move == "micros":
                value = round(value + rng.random() * scale * busy / 1e6, 6)
            elif move == "burst":
                value += int(scale * busy * rng.expovariate(1))
            elif move == "pages":
                value = max(0, value + int(rng.gauss(0, scale / 20)) * 4096)
            elif move == "slow":
                value += (rng.random() < 0.2) * int(rng.gauss(0, scale)) * 4096
            elif move == "level":
                value += (rng.random() < 0.3) * rng.choice((-32, 32))
            elif move == "load":
                value = round(abs(value * 0.9 + rng.random() * 0.1 * scale * busy) % 99, 2)
            elif move == "float":
                value = scale * (1 + rng.random())
            self.values[series] = value
            out.append(float(value))
        return out

    def samples(self) -> list[Sample]:
        """The next values as samples."""
        return [
            Sample(name, labels, value)
            for (name, labels), value in zip(self.series, self.step(), strict=True)
        ]

"""Guests that are made up: what a poll of each brings, from a seed, with a fault where one is wanted."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from guestwire.monitor.samples import Labels, Poll, Sample, labels_of
from guestwire.monitor.targets import GuestState, Target

GIB = 1 << 30
HOSTILE = "<img src=x onerror=alert(1)>\"'&\u202e{{7*7}}"
ROLES = ("web", "db", "cache", "queue", "build", "mail", "git", "proxy", "search", "batch")
SYSTEMS = (
    ("debian", "Debian GNU/Linux 12 (bookworm)", "6.1.0-28-cloud-amd64"),
    ("ubuntu", "Ubuntu 24.04.1 LTS", "6.8.0-51-generic"),
    ("almalinux", "AlmaLinux 9.5 (Teal Serval)", "5.14.0-503.el9.x86_64"),
    ("alpine", "Alpine Linux v3.21", "6.12.8-0-virt"),
)
MOUNTS = {"db": "/var/lib/postgresql", "build": "/srv/cache", "git": "/srv/git", "mail": "/var/mail"}
MODES = {
    "user": 0.62,
    "system": 0.2,
    "iowait": 0.09,
    "irq": 0.01,
    "softirq": 0.03,
    "steal": 0.02,
    "nice": 0.03,
}


@dataclass
class Wander:
    """A figure that strays from its mean and comes back, with the tide of the day under it."""

    mean: float
    spread: float
    tide: float = 0.35
    phase: float = 0.0
    value: float = 0.0

    def step(self, dice: random.Random, at: float, dt: float) -> float:
        back = math.exp(-dt / 600)
        self.value = self.value * back + dice.gauss(0, self.spread) * math.sqrt(1 - back * back)
        day = 1 + self.tide * math.sin(at / 86400 * 2 * math.pi + self.phase)
        return max(self.mean * 0.04, self.mean * day + self.value)


@dataclass
class Guest:
    """One guest; `fault` names what is wrong with it."""

    number: int
    name: str
    fault: str = ""
    counters: dict[tuple[str, Labels], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dice = dice = random.Random(self.number * 7919)
        self.role = self.name.partition("-")[0]
        self.system = SYSTEMS[dice.randrange(len(SYSTEMS))]
        self.cpus = dice.choice((1, 2, 2, 4, 8))
        self.memory = dice.choice((2, 4, 8, 16, 32)) * GIB
        self.boot = time.time() - dice.uniform(5e4, 9e6)
        busy = min(0.6, dice.expovariate(6) + 0.02)
        phase = dice.uniform(0, 1)
        self.busy = Wander(busy, busy * 0.3, phase=phase)
        self.used = Wander(dice.uniform(0.2, 0.7), 0.02, 0.05, phase)
        self.flow = Wander(dice.expovariate(1 / 6e5), 2e5, phase=phase)
        self.io = Wander(dice.expovariate(1 / 9e5), 3e5, phase=phase)
        self.disks = {"/": (dice.choice((10, 20, 40)) * GIB, dice.uniform(0.15, 0.7))}
        self.disks[MOUNTS.get(self.role, "/var")] = (dice.choice((20, 50, 200)) * GIB, dice.uniform(0.2, 0.8))
        if self.fault == "full":
            self.cpus, self.memory, self.system = 4, 16 * GIB, SYSTEMS[0]
            self.busy, self.used, self.io = (
                Wander(0.31, 0.08, 0.5),
                Wander(0.58, 0.03, 0.1),
                Wander(4e6, 1.4e6, 0.5),
            )
            self.flow = Wander(2.4e6, 6e5, 0.5)
            self.disks["/var/lib/postgresql"] = (200 * GIB, 0.9795)
        if self.fault == "busy":
            self.busy = Wander(0.99, 0.004, 0)

    @property
    def target(self) -> Target:
        state = {"off": GuestState.OFF, "paused": GuestState.PAUSED}.get(self.fault, GuestState.RUNNING)
        return Target(f"id-{self.number}", self.name, f"unix:/run/guests/{self.number}.sock", state)

    def poll(self, at: float, dt: float, *, answers: bool = True) -> Poll:
        """What a poll at `at` brings, `dt` seconds after the one before."""
        if not answers:
            marks = [
                ("guestwire_guest_up", (), 0.0),
                ("guestwire_guest_silent", labels_of(reason="silent"), 1.0),
            ]
            return Poll(
                f"id-{self.number}", at, [Sample(*mark) for mark in marks], {}, {"node_load1": "silent"}
            )
        busy = min(1.0, self.busy.step(self.dice, at, dt))
        samples = [*self._machine(busy), *self._memory(at, dt), *self._storage(at, dt), *self._about()]
        samples += self._counted(busy, self.flow.step(self.dice, at, dt), self.io.step(self.dice, at, dt), dt)
        found = [Sample(name, labels, float(value)) for name, labels, value in samples]
        return Poll(f"id-{self.number}", at, found, {"node_load1": "guestwire-get-metrics"}, {})

    def _machine(self, busy: float) -> Iterator[tuple[str, Labels, float]]:
        load = busy * self.cpus * 1.1
        for span in (1, 5, 15):
            yield f"node_load{span}", (), load * self.dice.uniform(0.9, 1.1)
        yield "guestwire_guest_up", (), 1
        yield "guestwire_guest_silent", labels_of(reason="silent"), 0
        yield "guestwire_guest_frozen", (), self.fault == "frozen"
        yield "guestwire_guest_poll_seconds", (), self.dice.uniform(0.002, 0.006)
        yield (
            "guestwire_guest_clock_offset_seconds",
            (),
            41.3 if self.fault == "clock" else self.dice.gauss(0, 2e-3),
        )
        yield "guestwire_guest_processes", (), 90 + self.number % 80
        yield "guestwire_guest_users", (), self.number % 3
        yield "node_boot_time_seconds", (), self.boot
        yield "guestwire_host_resident_bytes", (), self.memory * 0.93
        yield "guestwire_host_balloon_bytes", (), self.memory
        if self.fault == "unit":
            yield (
                "node_systemd_unit_state",
                labels_of(name="postfix.service", state="failed", type="service"),
                1,
            )

    def _memory(self, at: float, dt: float) -> Iterator[tuple[str, Labels, float]]:
        used = min(0.96, self.used.step(self.dice, at, dt)) if self.fault != "memory" else 0.965
        cached = (1 - used) * 0.6
        shares = {"MemTotal": 1.0, "MemAvailable": 1 - used, "MemFree": (1 - used) * 0.3, "Cached": cached}
        shares |= {"Buffers": (1 - used) * 0.1, "SReclaimable": 0.0, "SwapTotal": 0.25, "SwapFree": 0.24}
        for part, share in shares.items():
            yield f"node_memory_{part}_bytes", (), share * self.memory

    def _storage(self, at: float, dt: float) -> Iterator[tuple[str, Labels, float]]:
        for number, (mount, (size, used)) in enumerate(self.disks.items(), 1):
            if self.fault == "full" and mount != "/":
                used = min(0.99, used - (time.time() - at) * 1.1e-6)
            labels = labels_of(device=f"/dev/vda{number}", fstype="ext4", mountpoint=mount)
            yield "node_filesystem_size_bytes", labels, size
            yield "node_filesystem_free_bytes", labels, size * (1 - used)
            yield "node_filesystem_avail_bytes", labels, size * (1 - used)
            yield "node_filesystem_files", labels, size / 16384
            yield "node_filesystem_files_free", labels, size / 16384 * (1 - used / 4)
            yield "node_filesystem_readonly", labels, 0

    def _about(self) -> Iterator[tuple[str, Labels, float]]:
        hostile = self.fault == "hostile"
        short, pretty, kernel = (HOSTILE,) * 3 if hostile else self.system
        host = HOSTILE if hostile else f"{self.name}.example.net"
        address = f"10.0.{self.number // 250}.{self.number % 250 + 1}"
        agent, version = ("qemu-ga", "9.2.0") if self.number % 5 == 3 else ("guestwire", "0.4.0")
        yield "node_os_info", labels_of(id=short, name=short, pretty_name=pretty), 1
        yield (
            "node_uname_info",
            labels_of(machine="x86_64", nodename=host, release=kernel, sysname="Linux"),
            1,
        )
        yield "guestwire_guest_info", labels_of(agent=agent, version=version), 1
        yield "node_network_address_info", labels_of(address=address, device="eth0", prefix="24"), 1
        yield (
            "node_network_info",
            labels_of(address=f"52:54:00:00:00:{self.number % 256:02x}", device="eth0"),
            1,
        )

    def _counted(self, busy: float, flow: float, io: float, dt: float) -> Iterator[tuple[str, Labels, float]]:
        """What only grows."""
        rates: list[tuple[str, Labels, float]] = []
        for cpu in map(str, range(self.cpus)):
            rates += [
                ("cpu_seconds", labels_of(cpu=cpu, mode=mode), busy * share) for mode, share in MODES.items()
            ]
            rates.append(("cpu_seconds", labels_of(cpu=cpu, mode="idle"), 1 - busy))
        eth0, vda = labels_of(device="eth0"), labels_of(device="vda")
        rates += [("network_receive_bytes", eth0, flow), ("network_transmit_bytes", eth0, flow * 0.6)]
        rates += [("network_receive_errs", eth0, 0), ("network_transmit_errs", eth0, 0)]
        rates += [("disk_read_bytes", vda, io * 0.3), ("disk_written_bytes", vda, io)]
        rates += [("disk_reads_completed", vda, io / 9e4), ("disk_writes_completed", vda, io / 2e4)]
        rates.append(("disk_io_time_seconds", vda, min(0.9, io / 2e7)))
        stalls = {"cpu_waiting": busy * 0.1, "io_waiting": io / 4e7, "io_stalled": io / 9e7}
        stalls |= {"memory_waiting": 0.002, "memory_stalled": 0.001}
        rates += [(f"pressure_{what}_seconds", (), share) for what, share in stalls.items()]
        rates += [("context_switches", (), 900 * busy), ("vmstat_pswpin", (), 0), ("vmstat_pswpout", (), 0)]
        for name, labels, rate in rates:
            key = (
                f"node_{name}_total".replace("pswpin_total", "pswpin").replace("pswpout_total", "pswpout"),
                labels,
            )
            self.counters[key] = self.counters.get(key, 1e4) + rate * dt
            yield *key, self.counters[key]
        key = "guestwire_host_cpu_seconds_total", ()
        self.counters[key] = self.counters.get(key, 0.0) + busy * self.cpus * dt * 1.04
        yield *key, self.counters[key]

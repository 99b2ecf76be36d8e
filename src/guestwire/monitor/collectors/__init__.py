"""The collectors: each is one file, registered by its line here."""

from __future__ import annotations

from guestwire.monitor.collectors import (
    about,
    clock,
    cpu,
    disks,
    filesystems,
    identity,
    kernel,
    load,
    memory,
    network,
    pressure,
    processes,
    units,
)

SECTIONS = (
    cpu.SECTION,
    load.SECTION,
    memory.SECTION,
    filesystems.SECTION,
    disks.SECTION,
    network.SECTION,
    kernel.SECTION,
    kernel.VMSTAT,
    pressure.SECTION,
    clock.SECTION,
    about.USERS,
    about.SECTION,
    identity.AGENT,
    identity.ADDRESSES,
    processes.SECTION,
    units.SECTION,
)

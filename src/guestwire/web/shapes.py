"""What the API answers, as types: the JSON's members, with their units. None stands for a figure that is not known."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Number = float | None
Limit = Annotated[int, Meta(ge=1, le=1000)]
Cursor = Annotated[str, Meta(pattern="^[0-9]{0,15}$")]
Text = Annotated[str, Meta(max_length=256)]
Severity = Literal["critical", "warning", "info"]
State = Literal["running", "paused", "migrating", "off"]
Point = Annotated[float, Meta(ge=0, le=1e11)]
"""Seconds since the epoch."""


class Fullest(Struct):
    """The filesystem with the least left."""

    mountpoint: str
    used_ratio: float
    size_bytes: Number
    available_bytes: Number


class Counts(Struct):
    """Firing alerts by severity."""

    critical: int = 0
    warning: int = 0
    info: int = 0


class Sparks(Struct):
    """Thirty points, one a minute, the newest last; network in bytes a second, both ways."""

    cpu: list[float | None]
    memory: list[float | None]
    network: list[float | None]


class Row(Struct, kw_only=True):
    """A guest at a glance; system, addresses and agent are what it last told, at `told_at`."""

    id: str
    name: str
    source: str
    state: State
    up: bool | None
    reason: str | None
    since: Number
    os: str | None = None
    kernel: str | None = None
    hostname: str | None = None
    addresses: list[str] = []
    uptime_seconds: Number = None
    cpus: int | None = None
    cpu_ratio: Number = None
    load1: Number = None
    memory_total_bytes: Number = None
    memory_used_bytes: Number = None
    swap_used_bytes: Number = None
    filesystem: Fullest | None = None
    receive_bytes_per_second: Number = None
    transmit_bytes_per_second: Number = None
    alerts: Counts
    silenced: int = 0
    agent: str | None = None
    agent_version: str | None = None
    frozen: bool | None = None
    users: int | None = None
    labels: dict[str, str] = {}
    polled_at: Number = None
    told_at: Number = None
    sparks: Sparks | None = None


class GuestsPage(Struct):
    """A page of guests; `total` are all that fit, `next` is the cursor of the next page."""

    guests: list[Row]
    total: int
    next: str | None
    time: float


class Alert(Struct, kw_only=True):
    """An alert: `since` is when its state began, `stale` that its figures are too old to judge."""

    rule: str
    guest: str
    guest_id: str
    state: Literal["pending", "firing", "resolved"]
    severity: Severity
    since: float
    value: Number
    labels: dict[str, str]
    summary: str
    description: str
    stale: bool
    silenced_by: list[int]


class Filesystem(Struct, kw_only=True):
    """A filesystem; `full_in_seconds` goes by the last six hours, None if it does not fill up."""

    mountpoint: str
    device: str
    type: str
    size_bytes: Number
    available_bytes: Number
    free_bytes: Number
    used_ratio: Number
    inodes: Number
    inodes_free: Number
    inodes_used_ratio: Number
    read_only: bool | None
    full_in_seconds: Number = None


class Disk(Struct, kw_only=True):
    """What a disk does now."""

    name: str
    read_bytes_per_second: Number
    write_bytes_per_second: Number
    reads_per_second: Number
    writes_per_second: Number
    busy_ratio: Number


class Address(Struct):
    """An address of an interface."""

    address: str
    prefix: int | None
    family: str


class Interface(Struct, kw_only=True):
    """A network interface and what goes through it now."""

    name: str
    mac: str | None
    addresses: list[Address]
    receive_bytes_per_second: Number
    transmit_bytes_per_second: Number
    receive_errors_per_second: Number
    transmit_errors_per_second: Number


class UnknownFigure(Struct):
    """A metric without value, and why."""

    metric: str
    reason: str
    since: float


class SourceOfFigure(Struct):
    """The step that gives a metric."""

    metric: str
    source: str
    since: float


class GuestPage(Struct, kw_only=True):
    """All that is known of a guest without asking it."""

    guest: Row
    filesystems: list[Filesystem]
    disks: list[Disk]
    interfaces: list[Interface]
    unknown: list[UnknownFigure]
    sources: list[SourceOfFigure]
    alerts: list[Alert]

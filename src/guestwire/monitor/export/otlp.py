"""OpenTelemetry over HTTP in its JSON encoding: figures under the semantic conventions' `system.*` names.

What the conventions have no name for is left out: it is on `/metrics`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from guestwire import __version__
from guestwire.monitor.samples import Labels

HEADERS = {"Content-Type": "application/json"}
PATH = "/v1/metrics"


class Mapped(NamedTuple):
    """How one of our metrics is named: attributes that are fixed, and labels under their new names.

    What is `additive` makes sense as a sum over its attributes (the conventions' counters and up-down-counters).
    """

    name: str
    unit: str
    counter: bool
    additive: bool
    fixed: Mapping[str, str]
    labels: Mapping[str, str]


_LOAD = "{thread}"  # of load averages: the one kind of figure that is not additive
_DISK = {"device": "system.device"}
_NIC = {"device": "network.interface.name"}
_MODES = {"irq": "interrupt"}  # soft interrupts have no name of their own there
_CPU = {"cpu": "cpu.logical_number", "mode": "cpu.mode"}
_MOUNT = {
    "device": "system.device",
    "fstype": "system.filesystem.type",
    "mountpoint": "system.filesystem.mountpoint",
}


def _counter(name: str, unit: str, labels: Mapping[str, str], **fixed: str) -> Mapped:
    return Mapped(
        name, unit, True, True, {key.replace("__", "."): value for key, value in fixed.items()}, labels
    )


def _gauge(name: str, unit: str, labels: Mapping[str, str], **fixed: str) -> Mapped:
    return Mapped(
        name,
        unit,
        False,
        unit != _LOAD,
        {key.replace("__", "."): value for key, value in fixed.items()},
        labels,
    )


_READ, _WRITE = {"disk__io__direction": "read"}, {"disk__io__direction": "write"}
_IN, _OUT = {"network__io__direction": "receive"}, {"network__io__direction": "transmit"}
NAMES = {
    "node_cpu_seconds_total": _counter("system.cpu.time", "s", _CPU),
    "node_load1": _gauge("system.cpu.load_average.1m", _LOAD, {}),
    "node_load5": _gauge("system.cpu.load_average.5m", _LOAD, {}),
    "node_load15": _gauge("system.cpu.load_average.15m", _LOAD, {}),
    "node_memory_MemTotal_bytes": _gauge("system.memory.limit", "By", {}),
    "node_memory_MemAvailable_bytes": _gauge("system.memory.linux.available", "By", {}),
    "node_memory_MemFree_bytes": _gauge("system.memory.usage", "By", {}, system__memory__state="free"),
    "node_memory_Buffers_bytes": _gauge("system.memory.usage", "By", {}, system__memory__state="buffers"),
    "node_memory_Cached_bytes": _gauge("system.memory.usage", "By", {}, system__memory__state="cached"),
    "node_memory_SwapFree_bytes": _gauge("system.paging.usage", "By", {}, system__paging__state="free"),
    "node_filesystem_size_bytes": _gauge("system.filesystem.limit", "By", _MOUNT),
    "node_filesystem_avail_bytes": _gauge(
        "system.filesystem.usage", "By", _MOUNT, system__filesystem__state="free"
    ),
    "node_disk_read_bytes_total": _counter("system.disk.io", "By", _DISK, **_READ),
    "node_disk_written_bytes_total": _counter("system.disk.io", "By", _DISK, **_WRITE),
    "node_disk_reads_completed_total": _counter("system.disk.operations", "{operation}", _DISK, **_READ),
    "node_disk_writes_completed_total": _counter("system.disk.operations", "{operation}", _DISK, **_WRITE),
    "node_disk_read_time_seconds_total": _counter("system.disk.operation_time", "s", _DISK, **_READ),
    "node_disk_write_time_seconds_total": _counter("system.disk.operation_time", "s", _DISK, **_WRITE),
    "node_disk_io_time_seconds_total": _counter("system.disk.io_time", "s", _DISK),
    "node_network_receive_bytes_total": _counter("system.network.io", "By", _NIC, **_IN),
    "node_network_transmit_bytes_total": _counter("system.network.io", "By", _NIC, **_OUT),
    "node_network_receive_packets_total": _counter("system.network.packet.count", "{packet}", _NIC, **_IN),
    "node_network_transmit_packets_total": _counter("system.network.packet.count", "{packet}", _NIC, **_OUT),
    "node_network_receive_errs_total": _counter("system.network.errors", "{error}", _NIC, **_IN),
    "node_network_transmit_errs_total": _counter("system.network.errors", "{error}", _NIC, **_OUT),
    "node_network_receive_drop_total": _counter("system.network.packet.dropped", "{packet}", _NIC, **_IN),
    "node_network_transmit_drop_total": _counter("system.network.packet.dropped", "{packet}", _NIC, **_OUT),
    "guestwire_guest_processes": _gauge("system.process.count", "{process}", {}),
}

NOTHING = b'{"resourceMetrics":[]}'
Latest = Mapping[tuple[str, Labels], tuple[int, float]]


def request(guests: Iterable[tuple[str, str, Latest, int]]) -> bytes:
    """A metrics request. Guests are (identity, name, figures as `Store.latest` gives them, since when in ms)."""
    resources = [resource(*guest) for guest in guests]
    return json.dumps({"resourceMetrics": [one for one in resources if one]}, separators=(",", ":")).encode()


def resource(identity: str, name: str, latest: Latest, since: int) -> dict[str, Any] | None:
    """One guest's part of a request, or None if it has nothing new."""
    boot = latest.get(("node_boot_time_seconds", ()))
    metrics: dict[str, dict[str, Any]] = {}
    for (metric, labels), (at, value) in latest.items():
        mapped = NAMES.get(metric)
        if mapped is None or at < since:
            continue
        point: dict[str, Any] = {"timeUnixNano": str(at * 1_000_000), "asDouble": value}
        renamed = {
            mapped.labels[k]: _MODES.get(v, v) if k == "mode" else v for k, v in labels if k in mapped.labels
        }
        if attributes := {**mapped.fixed, **renamed}:
            point["attributes"] = _attributes(attributes)
        if mapped.counter and boot is not None:
            point["startTimeUnixNano"] = str(int(boot[1] * 1e9))
        _points(metrics, mapped).append(point)
    if not metrics:
        return None
    return {
        "resource": {
            "attributes": _attributes({"host.name": name, "host.id": identity, "service.name": "guestwire"})
        },
        "scopeMetrics": [
            {"scope": {"name": "guestwire", "version": __version__}, "metrics": list(metrics.values())}
        ],
    }


def _points(metrics: dict[str, dict[str, Any]], mapped: Mapped) -> list[dict[str, Any]]:
    """The list that a metric's points go into; `aggregationTemporality` 2 is cumulative."""
    metric = metrics.get(mapped.name)
    if metric is None:
        metric = metrics[mapped.name] = {"name": mapped.name, "unit": mapped.unit}
        if mapped.additive:
            metric["sum"] = {"dataPoints": [], "aggregationTemporality": 2, "isMonotonic": mapped.counter}
        else:
            metric["gauge"] = {"dataPoints": []}
    points: list[dict[str, Any]] = metric["sum" if mapped.additive else "gauge"]["dataPoints"]
    return points


def _attributes(pairs: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(key, value)} for key, value in pairs.items()]


def _value(key: str, value: str) -> dict[str, str]:
    if key == _CPU["cpu"] and value.isascii() and value.isdigit():
        return {"intValue": value}  # a string to JSON, as all 64-bit integers of protobuf
    return {"stringValue": value}

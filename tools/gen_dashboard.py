"""Writes contrib/grafana/guestwire.json: a Grafana dashboard of one guest, over the job `node` in prometheus.yml."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))

from generated import main

G = 'guest="$guest"'
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
REAL = 'fstype!~"tmpfs|ramfs|overlay|squashfs"'


class Panel(NamedTuple):
    """One panel: `queries` are pairs of expression and legend; twelve columns wide unless said."""

    title: str
    unit: str
    queries: tuple[tuple[str, str], ...]
    kind: str = "timeseries"
    width: int = 12
    stack: bool = False
    most: float | None = None


def _rate(name: str, matchers: str = G) -> str:
    return f"rate({name}{{{matchers}}}[$__rate_interval])"


PANELS = (
    Panel("Agent", "none", ((f"guestwire_guest_up{{{G}}}", ""),), "stat", 4),
    Panel("Up since", "dateTimeFromNow", ((f"node_boot_time_seconds{{{G}}} * 1000", ""),), "stat", 4),
    Panel("CPUs", "none", ((f'count(node_cpu_seconds_total{{{G},mode="idle"}})', ""),), "stat", 4),
    Panel("Memory", "bytes", ((f"node_memory_MemTotal_bytes{{{G}}}", ""),), "stat", 4),
    Panel("Users", "none", ((f"guestwire_guest_users{{{G}}}", ""),), "stat", 4),
    Panel("Processes", "none", ((f"guestwire_guest_processes{{{G}}}", ""),), "stat", 4),
    Panel(
        "CPU",
        "percentunit",
        (
            (
                f"avg by (mode) ({_rate('node_cpu_seconds_total', G + ',mode!=' + chr(34) + 'idle' + chr(34))})",
                "{{mode}}",
            ),
        ),
        stack=True,
        most=1,
    ),
    Panel("Load", "none", tuple((f"node_load{n}{{{G}}}", f"{n} min") for n in (1, 5, 15))),
    Panel(
        "Memory",
        "bytes",
        (
            (f"node_memory_MemTotal_bytes{{{G}}} - node_memory_MemAvailable_bytes{{{G}}}", "used"),
            (f"node_memory_Buffers_bytes{{{G}}} + node_memory_Cached_bytes{{{G}}}", "cached"),
            (f"node_memory_MemTotal_bytes{{{G}}}", "total"),
            (f"guestwire_host_resident_bytes{{{G}}}", "of the host"),
        ),
    ),
    Panel(
        "Pressure (time that something waited)",
        "percentunit",
        tuple((_rate(f"node_pressure_{of}_waiting_seconds_total"), of) for of in ("cpu", "io", "memory")),
    ),
    Panel(
        "Filesystems: used",
        "percentunit",
        (
            (
                f"1 - node_filesystem_avail_bytes{{{G},{REAL}}} / node_filesystem_size_bytes{{{G},{REAL}}}",
                "{{mountpoint}}",
            ),
        ),
        most=1,
    ),
    Panel(
        "Filesystems: inodes used",
        "percentunit",
        (
            (
                f"1 - node_filesystem_files_free{{{G},{REAL}}} / node_filesystem_files{{{G},{REAL}}}",
                "{{mountpoint}}",
            ),
        ),
        most=1,
    ),
    Panel(
        "Disks: bytes",
        "Bps",
        (
            (_rate("node_disk_read_bytes_total"), "{{device}} read"),
            ("-" + _rate("node_disk_written_bytes_total"), "{{device}} written"),
        ),
    ),
    Panel("Disks: busy", "percentunit", ((_rate("node_disk_io_time_seconds_total"), "{{device}}"),), most=1),
    Panel(
        "Network",
        "Bps",
        (
            (_rate("node_network_receive_bytes_total"), "{{device}} received"),
            ("-" + _rate("node_network_transmit_bytes_total"), "{{device}} sent"),
        ),
    ),
    Panel(
        "CPU time on the host",
        "none",
        (
            (_rate("guestwire_host_cpu_seconds_total"), "taken by QEMU"),
            (_rate("guestwire_host_run_delay_seconds_total"), "waited for"),
        ),
    ),
    Panel("Poll", "s", ((f"guestwire_guest_poll_seconds{{{G}}}", "duration"),)),
    Panel("Clock offset", "s", ((f"guestwire_guest_clock_offset_seconds{{{G}}}", "guest minus host"),)),
)


def render() -> str:
    """The file."""
    panels: list[dict[str, Any]] = []
    x = y = 0
    for number, panel in enumerate(PANELS, 1):
        height = 4 if panel.kind == "stat" else 8
        panels.append(
            {"id": number, "gridPos": {"x": x, "y": y, "w": panel.width, "h": height}, **_panel(panel)}
        )
        x += panel.width
        if x >= 24:
            x, y = 0, y + height
    return json.dumps(_dashboard(panels), indent=2) + "\n"


def _panel(panel: Panel) -> dict[str, Any]:
    defaults: dict[str, Any] = {"unit": panel.unit}
    if panel.kind == "timeseries":
        defaults |= {"custom": {"fillOpacity": 10, "stacking": {"mode": "normal" if panel.stack else "none"}}}
    if panel.most is not None:
        defaults |= {"min": 0, "max": panel.most}
    return {
        "title": panel.title,
        "type": panel.kind,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + at), "expr": expr, "legendFormat": legend, "datasource": SOURCE}
            for at, (expr, legend) in enumerate(panel.queries)
        ],
    }


def _dashboard(panels: list[dict[str, Any]]) -> dict[str, Any]:
    guests = {"query": "label_values(guestwire_guest_up, guest)", "refId": "guests"}
    variables = [
        {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Data source"},
        {
            "name": "guest",
            "type": "query",
            "datasource": SOURCE,
            "query": guests,
            "refresh": 2,
            "sort": 1,
            "label": "Guest",
        },
    ]
    return {
        "uid": "guestwire-guest",
        "title": "Guest (guestwire)",
        "description": "One virtual machine, seen from inside through its guest agent.",
        "tags": ["guestwire"],
        "editable": True,
        "schemaVersion": 38,
        "version": 1,
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "30s",
        "templating": {"list": variables},
        "panels": panels,
    }


if __name__ == "__main__":
    main("contrib/grafana/guestwire.json", render, code=False)

"""What guestwire says about itself on `/metrics`."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from guestwire.monitor.samples import Kind

if TYPE_CHECKING:
    from guestwire.monitor.export.exposition import Exposition
    from guestwire.monitor.rules.state import Alert
    from guestwire.monitor.store.store import Store
    from guestwire.monitor.watch import Monitor

_STARTED = time.time()


def add_process(exposition: Exposition, proc: Path = Path("/proc/self")) -> None:
    """The usual figures of this process; memory and descriptors from /proc/self/statm and /proc/self/fd."""
    times = os.times()
    gauge, counter = Kind.GAUGE, Kind.COUNTER
    exposition.add(
        "process_cpu_seconds_total",
        (),
        times.user + times.system,
        kind=counter,
        text="CPU time of this process.",
    )
    exposition.add("process_start_time_seconds", (), _STARTED, kind=gauge, text="When this process started.")
    try:
        pages = int((proc / "statm").read_text().split()[1])
        files = len(os.listdir(proc / "fd"))
    except (OSError, ValueError, IndexError):
        return
    size = pages * os.sysconf("SC_PAGE_SIZE")
    exposition.add(
        "process_resident_memory_bytes", (), size, kind=gauge, text="Resident memory of this process."
    )
    exposition.add("process_open_fds", (), files, kind=gauge, text="File descriptors of this process.")


def add_store(exposition: Exposition, store: Store) -> None:
    """The state of the store."""
    gauge, counter = Kind.GAUGE, Kind.COUNTER
    guests = store.registry.guests.values()
    series = sum(len(entry.series) for entry in guests)
    for name, value, kind, text in (
        ("guestwire_store_bytes", store.used, gauge, "Bytes of history on disk."),
        ("guestwire_store_guests", len(guests), gauge, "Guests in the store."),
        ("guestwire_store_series", series, gauge, "Series in the store."),
        ("guestwire_store_trouble", store.trouble is not None, gauge, "1 while the disk takes nothing."),
        ("guestwire_store_lost_samples_total", store.lost, counter, "Samples given up for want of room."),
        ("guestwire_store_refused_total", store.registry.refused, counter, "Series refused to guests."),
    ):
        exposition.add(name, (), float(value), kind=kind, text=text)


def add_alerts(exposition: Exposition, alerts: Iterable[Alert]) -> None:
    """How many alerts there are, by rule and state."""
    for (rule, state), count in sorted(Counter((alert.rule, alert.state) for alert in alerts).items()):
        labels = (("alertname", rule), ("state", str(state)))
        exposition.add("guestwire_alerts", labels, count, kind=Kind.GAUGE, text="Alerts by rule and state.")


def add_monitor(exposition: Exposition, monitor: Monitor) -> None:
    """The store, the alerts, and how it goes with all that is told and pushed."""
    add_store(exposition, monitor.store)
    add_alerts(exposition, monitor.engine.alerts())
    gauge, counter = Kind.GAUGE, Kind.COUNTER
    exposition.add(
        "guestwire_rule_errors",
        (),
        len(monitor.engine.errors),
        kind=gauge,
        text="Rules that could not be evaluated.",
    )
    for number, outbox in enumerate(monitor.outboxes, 1):
        labels = (("channel", f"{outbox.channel.name}-{number}"),)
        for name, value, kind, text in (
            ("guestwire_notifications_waiting", len(outbox), gauge, "Notifications that wait to be sent."),
            ("guestwire_notifications_sent_total", outbox.sent, counter, "Notifications sent."),
            ("guestwire_notifications_dropped_total", outbox.dropped, counter, "Notifications given up."),
            ("guestwire_notifications_trouble", bool(outbox.trouble), gauge, "1 while nothing can be sent."),
        ):
            exposition.add(name, labels, float(value), kind=kind, text=text)
    for companion in monitor.companions:
        companion.add(exposition)

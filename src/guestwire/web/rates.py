"""What a guest's counters do now, per second: the last two samples of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guestwire.monitor.rules.figures import LOOKBACK

if TYPE_CHECKING:
    from guestwire.monitor.samples import Labels
    from guestwire.monitor.store.registry import Key
    from guestwire.web.site import Site

_PREFIXES = ("node_disk_", "node_network_")


class Rates:
    """Rates by series."""

    def __init__(self, rates: dict[Key, float]) -> None:
        self._metrics: dict[str, list[tuple[Labels, float]]] = {}
        for (name, labels), rate in rates.items():
            self._metrics.setdefault(name, []).append((labels, rate))

    @classmethod
    def read(cls, site: Site, identity: str, now: float) -> Rates:
        """The rates of disks and interfaces of a guest, from memory alone."""
        store = site.monitor.store
        entry = store.registry.guests.get(identity)
        found: dict[Key, float] = {}
        end = round(now * 1000)
        for key, number in list(entry.series.items()) if entry else []:
            if key[0].startswith(_PREFIXES) and key[0].endswith("_total"):
                assert entry is not None
                track = store.head.read(entry.id, number, end - round(LOOKBACK * 1000), end)
                if track is not None and len(track.times) > 1:
                    values = track.columns[0]
                    grown = values[-1] - values[-2] if values[-1] >= values[-2] else values[-1]
                    found[key] = round(grown * 1000 / (track.times[-1] - track.times[-2]), 3)
        return cls(found)

    def by(self, name: str, label: str) -> dict[str, float]:
        """Rates of a metric by one label."""
        return {dict(labels).get(label, ""): rate for labels, rate in self._metrics.get(name, ())}

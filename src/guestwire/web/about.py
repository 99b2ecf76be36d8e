"""What hardly ever changes of a guest: its system, its addresses, its agent. Known for longer than a guest answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from guestwire.web.figures import Figures

if TYPE_CHECKING:
    from guestwire.monitor.store.reader import Reader
    from guestwire.monitor.store.registry import GuestEntry
    from guestwire.web.shapes import Row

_OS, _UNAME, _AGENT = "node_os_info", "node_uname_info", "guestwire_guest_info"
_ADDRESSES = "node_network_address_info"
METRICS = frozenset((_OS, _UNAME, _AGENT, _ADDRESSES))


@dataclass(frozen=True, slots=True)
class About:
    """What a guest last told of itself; `at` is when it last told any of it, in seconds."""

    os: str | None = None
    kernel: str | None = None
    hostname: str | None = None
    addresses: tuple[str, ...] = ()
    agent: str | None = None
    agent_version: str | None = None
    at: float | None = None

    def show(self, row: Row) -> None:
        """Put it into a guest's row."""
        row.os, row.kernel, row.hostname = self.os, self.kernel, self.hostname
        row.addresses = list(self.addresses)
        row.agent, row.agent_version = self.agent, self.agent_version
        row.told_at = self.at


def about(figures: Figures, before: About) -> About:
    """What figures tell; where they tell nothing any more, what was told `before`."""
    at = max((figures.last(name) for name in METRICS), default=0) / 1000
    if not at:
        return before
    system, kernel, agent = (figures.labels(name) for name in (_OS, _UNAME, _AGENT))
    addresses = {labels.get("address", "") for labels in figures.newest(_ADDRESSES)}
    shown = sorted(filter(_worth_showing, addresses), key=lambda text: (":" in text, text))
    return About(
        (system.get("pretty_name") or system.get("name") or None) if system else before.os,
        (kernel.get("release") or None) if kernel else before.kernel,
        (kernel.get("nodename") or None) if kernel else before.hostname,
        tuple(shown) if figures.last(_ADDRESSES) else before.addresses,
        (agent.get("agent") or None) if agent else before.agent,
        (agent.get("version") or None) if agent else before.agent_version,
        at,
    )


def remembered(reader: Reader, entry: GuestEntry) -> About:
    """What history has of a guest, however long ago that was. Blocks: use a thread."""
    series = {number: key for key, number in list(entry.series.items()) if key[0] in METRICS}
    groups = [[number for number, key in series.items() if key[0] == name] for name in METRICS]
    seen = reader.last_seen(entry.id, [group for group in groups if group])
    told = ((series[number][0], dict(series[number][1]), at, 1.0) for number, at in seen.items())
    return about(Figures(told, 0.0), About())


def _worth_showing(address: str) -> bool:
    return bool(address) and not address.startswith(("127.", "fe80:")) and address != "::1"

"""A guest that is evil in everything it can say: what our agent tells here, with every string replaced by markup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from guestwire.client import GuestAgent

EVIL = "<script>document.title='owned'</script><img src=x onerror=alert(1)>\"'&"
NUMBER = 19  # of the simulated guests
ASKED = (
    "guestwire-get-metrics",
    "guest-get-host-name",
    "guest-get-osinfo",
    "guest-get-timezone",
    "guest-get-fsinfo",
    "guest-get-disks",
    "guest-network-get-interfaces",
    "guest-network-get-route",
)
WORDS = frozenset(
    {"linux", "some", "full", "cpu", "memory", "io", "ipv4", "ipv6"}
)  # those that make a section readable
ADDED = {
    "guest-get-users": [{"user": EVIL, "login-time": 1.0, "domain": EVIL}],
    "guest-get-memory-blocks": [{"phys-index": EVIL, "online": EVIL}],
}
ROUTE = {"iface": "x", "destination": "x", "metric": 0, "gateway": "x", "mask": "x", "version": 4}
DISK = {"name": "x", "partition": False, "alias": "x"}


def answers(ours: Path) -> dict[str, Any]:
    """Answers by command, from the agent that listens at `ours`."""
    with GuestAgent(f"unix:{ours}") as agent:
        told = {name: agent.execute(name) for name in ASKED}
    told["guest-network-get-route"] = told["guest-network-get-route"] or [ROUTE]
    told["guest-get-disks"] = [*told["guest-get-disks"], DISK]
    return {name: _evil(value) for name, value in told.items()} | ADDED


def _evil(value: Any) -> Any:
    if isinstance(value, str):
        return value if value in WORDS else EVIL
    if isinstance(value, list):
        return [_evil(one) for one in value]
    if isinstance(value, dict):
        return {key: _evil(one) for key, one in value.items()}
    return value

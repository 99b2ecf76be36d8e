"""guest-network-get-interfaces on Windows."""

from __future__ import annotations

from guestwire.agent.system.windows.adapters import Adapter, adapters
from guestwire.agent.system.windows.ifstats import counters
from guestwire.agent.system.windows.win32 import failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def guest_network_get_interfaces() -> list[dict[str, Any]]:
    """Each adapter under the name that the control panel shows."""
    try:
        return [_entry(adapter) for adapter in adapters()]
    except OSError as error:
        raise failure("failed to get adapters addresses", error) from None


def _entry(adapter: Adapter) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": adapter.name}
    if adapter.hardware:
        entry["hardware-address"] = adapter.hardware
    if adapter.addresses:
        entry["ip-addresses"] = [
            {"ip-address": address, "ip-address-type": family, "prefix": prefix}
            for family, address, prefix in adapter.addresses
        ]
    statistics = counters(adapter.index)
    if statistics is not None:
        entry["statistics"] = statistics
    return entry

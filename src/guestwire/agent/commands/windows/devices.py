"""guest-get-devices, which exists on Windows only."""

from __future__ import annotations

from guestwire.agent.system.windows import devnodes
from guestwire.agent.system.windows.win32 import failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def guest_get_devices() -> list[dict[str, Any]]:
    """The PCI devices that are there and have a name, with their drivers."""
    try:
        return [entry for name in devnodes.pci_devices() if (entry := _entry(name)) is not None]
    except OSError as error:
        raise failure("failed to list the devices", error) from None


def _entry(instance: str) -> dict[str, Any] | None:
    """None for a device without a name, and for one that has gone meanwhile."""
    number = devnodes.pci_id(instance)
    if number is None:
        return None
    try:
        node = devnodes.Node.find(instance)
    except OSError:
        return None
    name = node.text(devnodes.NAME)
    if not name:
        return None
    entry: dict[str, Any] = {
        "driver-name": name,
        "id": {"type": "pci", "vendor-id": number[0], "device-id": number[1]},
    }
    date, version = node.time(devnodes.DRIVER_DATE), node.text(devnodes.DRIVER_VERSION)
    if date is not None:
        entry["driver-date"] = date
    if version:
        entry["driver-version"] = version
    return entry

"""guest-get-fsinfo, guest-get-disks and guest-fstrim on Windows."""

from __future__ import annotations

from guestwire.agent.system.windows import disks, volumes
from guestwire.agent.system.windows.win32 import failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guestwire.agent.state import AgentState


def guest_get_fsinfo() -> list[dict[str, Any]]:
    """Each volume with a mounted filesystem, and the disks below it."""
    try:
        pci = disks.pci_places()
        return [entry for name in volumes.volumes() if (entry := _entry(name, pci)) is not None]
    except OSError as error:
        raise failure("failed to find volumes", error) from None


def guest_get_disks() -> list[dict[str, Any]]:
    """The disks. Their partitions are no devices with names on Windows, and are not listed."""
    try:
        pci = disks.pci_places()
        found = [_disk(number, pci) for number in disks.disk_numbers()]
    except OSError as error:
        raise failure("failed to list the disks", error) from None
    return [
        {"name": one["dev"], "partition": False, "dependencies": [], "address": one}
        for one in found
        if one is not None
    ]


def guest_fstrim(agent: AgentState, minimum: int | None = None) -> dict[str, Any]:
    """Trim each volume that is mounted. Windows has no `minimum`, and does not tell how much it trimmed."""
    from guestwire.agent.system.windows.trim import retrim

    agent.log.account("guest-fstrim called")
    results: list[dict[str, Any]] = []
    try:
        places = [places[0] for name in volumes.volumes() if (places := _places(name))]
    except OSError as error:
        raise failure("failed to find volumes", error) from None
    for place in places:
        fault = retrim(place)
        results.append({"path": place} if fault is None else {"path": place, "error": fault})
    return {"paths": results}


def _places(volume: str) -> list[str]:
    try:
        return [] if volumes.is_cdrom(volume) else volumes.mount_points(volume)
    except OSError:
        return []


def _entry(name: str, pci: dict[int, tuple[int, int, int]]) -> dict[str, Any] | None:
    """None for what has no filesystem: a drive without a medium, a volume that was never formatted."""
    if volumes.is_cdrom(name):
        return None
    try:
        places = volumes.mount_points(name)
        kind = volumes.filesystem(name)
        total, free = volumes.space(name)
    except OSError:
        return None
    return {
        "name": name,
        "mountpoint": places[0] if places else "System Reserved",
        "type": kind,
        "used-bytes": total - free,
        "total-bytes": total,
        "disk": _disks_below(name, pci),
    }


def _disks_below(volume: str, pci: dict[int, tuple[int, int, int]]) -> list[dict[str, Any]]:
    try:
        numbers = disks.disks_below(volume)
    except OSError:
        return []
    return [one for number in numbers if (one := _disk(number, pci)) is not None]


def _disk(number: int, pci: dict[int, tuple[int, int, int]]) -> dict[str, Any] | None:
    """How a disk is attached; None when it has gone. The PCI domain is not told by Windows."""
    try:
        found = disks.disk(number, pci)
    except OSError:
        return None
    bus, slot, function = found.pci
    controller = {"domain": -1 if bus < 0 else 0, "bus": bus, "slot": slot, "function": function}
    place = dict(zip(("bus", "target", "unit"), found.place))
    address = {"pci-controller": controller, "bus-type": found.bus_type, **place, "dev": found.name}
    if found.serial is not None:
        address["serial"] = found.serial
    return address

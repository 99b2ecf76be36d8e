"""Filesystems and disks on Linux."""

from __future__ import annotations

import os
from errno import ENOTTY, EOPNOTSUPP

from guestwire.agent.system.linux.mounts import OPEN_FLAGS
from guestwire.agent.system.linux.sources import sources_of, statistics
from guestwire.agent.text import from_os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guestwire.agent.state import AgentState
    from guestwire.agent.system.linux.disks import Disk, Location
    from guestwire.agent.system.linux.guarded import Guard

_INT64 = 1 << 63
_UINT64 = 1 << 64


def guest_get_fsinfo(agent: AgentState) -> list[dict[str, Any]]:
    """The filesystems on block devices, last mounted first; one that does not answer is told without its sizes."""
    sources = sources_of(agent)
    filesystems = sources.mounts.filesystems()
    statuses = statistics(agent.root, sources, filesystems)
    if FileNotFoundError in map(type, statuses):
        sources.mounts.forget()
        filesystems = sources.mounts.filesystems()
        statuses = statistics(agent.root, sources, filesystems)
    under = sources.disks.under([filesystem.device for filesystem in filesystems])
    answer = []
    for filesystem, status, (name, hardware) in zip(filesystems, statuses, under):
        info: dict[str, Any] = {
            "name": name,
            "mountpoint": from_os(filesystem.path),
            "type": from_os(filesystem.kind),
            "disk": [_address(location) for location in hardware],
        }
        if type(status) is os.statvfs_result:
            used = status.f_blocks - status.f_bfree
            info["used-bytes"] = used * status.f_frsize
            info["total-bytes"] = (used + status.f_bavail) * status.f_frsize
            info["total-bytes-privileged"] = status.f_blocks * status.f_frsize
        answer.append(info)
    answer.reverse()
    return answer


def guest_get_disks(agent: AgentState) -> list[dict[str, Any]]:
    """All disks and partitions, in the reverse of the kernel's order as clients know it from the C agent."""
    sources = sources_of(agent)
    disks = sources.disks.disks()
    answer = [_disk_info(disk) for disk in reversed(disks)]
    if any(disk.address is not None and disk.address.address.bus_type == "nvme" for disk in disks):
        _add_smart(sources.guard, agent.root, answer)
    return answer


def _disk_info(disk: Disk) -> dict[str, Any]:
    info: dict[str, Any] = {"name": disk.node, "partition": disk.partition, "dependencies": disk.slaves}
    if disk.alias:
        info["alias"] = disk.alias
    if disk.address is not None:
        info["address"] = _address(disk.address)
    return info


def _address(location: Location) -> dict[str, Any]:
    address = location.address
    domain, bus, slot, function = address.pci
    info: dict[str, Any] = {
        "pci-controller": {"domain": domain, "bus": bus, "slot": slot, "function": function},
        "bus-type": address.bus_type,
        "bus": address.bus,
        "target": address.target,
        "unit": address.unit,
    }
    if location.serial is not None:
        info["serial"] = location.serial
    if location.node is not None:
        info["dev"] = location.node
    if address.ccw is not None:
        info["ccw-address"] = dict(zip(("cssid", "ssid", "subchno", "devno"), address.ccw))
    return info


def _add_smart(guard: Guard, root: str, answer: list[dict[str, Any]]) -> None:
    """The health of NVMe disks; one that does not tell it, or does not answer at all, is listed without."""
    from guestwire.agent.system.linux.nvme import smart

    disks = [info for info in answer if "address" in info and info["address"]["bus-type"] == "nvme"]
    for info, values in zip(disks, guard.ask(smart, [root + info["name"] for info in disks])):
        if type(values) is dict:
            info["smart"] = {"type": "nvme", **values}


def guest_fstrim(agent: AgentState, minimum: int | None = None) -> dict[str, Any]:
    """Discard unused blocks. `minimum` is the least extent in bytes; each filesystem has its own result or error."""
    agent.log.account("guest-fstrim called")
    front = os.fsencode(agent.root)
    results = []
    for filesystem in sources_of(agent).mounts.filesystems():
        outcome = _trim(front + filesystem.path, (minimum or 0) % _UINT64)
        results.append({"path": from_os(filesystem.path), **outcome})
    results.reverse()
    return {"paths": results}


def _trim(path: bytes, minimum: int) -> dict[str, int | str]:
    from guestwire.agent.system.linux import trim

    try:
        fd = os.open(path, OPEN_FLAGS)
    except OSError as error:
        return {"error": f"failed to open: {error.strerror}"}
    try:
        trimmed, used_minimum = trim.trim(fd, minimum)
    except OSError as error:
        unable = error.errno in (ENOTTY, EOPNOTSUPP)
        return {"error": "trim not supported" if unable else f"failed to trim: {error.strerror}"}
    finally:
        os.close(fd)
    return {"trimmed": _signed(trimmed), "minimum": _signed(used_minimum)}


def _signed(number: int) -> int:
    """The schema's `int` is 64 bits with a sign."""
    return number - _UINT64 if number >= _INT64 else number

"""guest-get-fsinfo on Windows."""

from __future__ import annotations

from guestwire.agent.system.windows import volumes
from guestwire.agent.system.windows.win32 import failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def guest_get_fsinfo() -> list[dict[str, Any]]:
    """Each volume with a mounted filesystem. `disk` is empty: the disks below are not found out yet."""
    try:
        return [entry for name in volumes.volumes() if (entry := _entry(name)) is not None]
    except OSError as error:
        raise failure("failed to find volumes", error) from None


def _entry(name: str) -> dict[str, Any] | None:
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
        "disk": [],
    }

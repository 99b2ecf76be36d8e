"""guest-get-vcpus on Windows, which takes no CPU away while it runs."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ALL_GROUPS = 0xFFFF


def guest_get_vcpus() -> list[dict[str, Any]]:
    """The active logical processors of all processor groups."""
    from guestwire.agent.system.windows.win32 import DWORD, WORD, function

    count = function("kernel32", "GetActiveProcessorCount", DWORD, WORD)(_ALL_GROUPS)
    return [{"logical-id": cpu, "online": True, "can-offline": False} for cpu in range(count)]

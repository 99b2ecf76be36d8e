"""What kind of backup the writers are told: as with QEMU's agent, a number in the service's registry key."""

from __future__ import annotations

from guestwire.agent.system.windows.vss.interfaces import BACKUP_TYPES

KEY = r"SYSTEM\CurrentControlSet\Services\guestwire-agent"
VALUE = "VssOption"
_FULL = 1


def backup_type() -> int:
    """VSS_BACKUP_TYPE: 1 (full) unless the registry says otherwise."""
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, KEY) as key:  # type: ignore[attr-defined]
            value, _ = winreg.QueryValueEx(key, VALUE)  # type: ignore[attr-defined]
    except OSError:
        return _FULL
    return value if value in BACKUP_TYPES else _FULL

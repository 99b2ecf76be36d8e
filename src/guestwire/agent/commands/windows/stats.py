"""guest-get-load on Windows."""

from __future__ import annotations

from guestwire.agent.system.windows.load import load_averages
from guestwire.agent.system.windows.win32 import failure


def guest_get_load() -> dict[str, float]:
    """Load averages over 1, 5 and 15 minutes, counted from the first call on."""
    try:
        one, five, fifteen = load_averages()
    except OSError as error:
        raise failure("failed to query load average", error) from None
    return {"load1m": one, "load5m": five, "load15m": fifteen}

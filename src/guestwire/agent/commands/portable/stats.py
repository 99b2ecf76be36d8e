"""guest-get-load, the part of the stats group that is the same on every POSIX system."""

from __future__ import annotations

import os

from guestwire.errors import CommandError


def guest_get_load() -> dict[str, float]:
    """Load averages over 1, 5 and 15 minutes."""
    try:
        one, five, fifteen = os.getloadavg()
    except OSError:
        raise CommandError("failed to query load average") from None
    return {"load1m": one, "load5m": five, "load15m": fifteen}

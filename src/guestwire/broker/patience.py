"""How long an answer is waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guestwire.broker.lease import FREEZES
from guestwire.broker.turns import THAW

if TYPE_CHECKING:
    from guestwire.broker.turns import Job

LONG_TIMEOUT = 600.0
"""Seconds that one answer may take when the guest has to wait for its disks; `GuestOptions.timeout` is for the rest."""

VOID = 5.0
"""Seconds for an answer that nobody waits for any more; then the channel is resynced."""

_LONG = frozenset((*FREEZES, THAW, "guest-fstrim"))


def of(job: Job, timeout: float) -> float:
    """Seconds for the answer to `job`, where others have `timeout`."""
    if job.name in _LONG:
        return LONG_TIMEOUT
    return VOID if job.void else timeout

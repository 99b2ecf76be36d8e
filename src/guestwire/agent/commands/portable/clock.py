"""guest-get-time and guest-get-timezone, the part of the clock group that is the same on every OS."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def guest_get_time() -> int:
    """Nanoseconds since the epoch, in whole microseconds."""
    return time.time_ns() // 1000 * 1000


def guest_get_timezone() -> dict[str, Any]:
    """The zone as it is now, so in summer the one of summer; the offset is seconds east of UTC."""
    if hasattr(time, "tzset"):
        time.tzset()  # looks at TZ and /etc/localtime again
    now = time.localtime()
    zone = {"zone": now.tm_zone} if now.tm_zone else {}
    return {**zone, "offset": now.tm_gmtoff}

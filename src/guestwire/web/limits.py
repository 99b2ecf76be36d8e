"""Rate limits: a bucket of allowances for each caller, refilled as time goes by."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable

from guestwire.web.problems import Problem

CALLERS = 4096  # that are remembered; the one not seen for longest is forgotten


class Limit:
    """`rate` a second, `burst` at once."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str, what: str) -> None:
        """Use one allowance. Raises Problem 429."""
        left, now = self._now(caller)
        if left < 1:
            wait = math.ceil((1 - left) / self._rate)
            raise Problem(429, f"too many {what}; try again in {wait} s", headers={"Retry-After": str(wait)})
        self._left[caller] = (left - 1, now)
        self._left.move_to_end(caller)
        if len(self._left) > CALLERS:
            self._left.popitem(last=False)

    def give_back(self, caller: str) -> None:
        """The last use was a good one and does not count."""
        left, now = self._now(caller)
        self._left[caller] = (min(self._burst, left + 1), now)

    def _now(self, caller: str) -> tuple[float, float]:
        now = self._clock()
        left, at = self._left.get(caller, (self._burst, now))
        return min(self._burst, left + (now - at) * self._rate), now


def network_of(address: str | None) -> str:
    """Who counts as one caller: an address, or the network of 64 bits that one host has in IPv6."""
    try:
        ip = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address) and not ip.ipv4_mapped:
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)

"""The provider as this process offers it: one hold and one class object, from the first use until the end."""

from __future__ import annotations

from threading import Lock

from guestwire.agent.system.windows.com import runtime
from guestwire.agent.system.windows.vss import provider
from guestwire.agent.system.windows.vss.hold import Hold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_lock = Lock()
_offered: list[Any] = []  # the hold, and what COM holds bare pointers to


def offered() -> Hold:
    """Offer the provider, unless it is, and answer where it waits. ComError or OSError when COM refuses."""
    with _lock:
        if not _offered:
            hold = Hold()
            factory = provider.factory(hold)
            runtime.offer(provider.CLASS, factory)
            _offered.extend((hold, factory))
        made: Hold = _offered[0]
        return made

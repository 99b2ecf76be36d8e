"""Whether to look again and again for an answer for a moment, before going to sleep until it is there.

To be put to sleep and woken costs more than a ping does in an agent on the same host: 20 µs and more each way on an
idle processor, and in a virtual machine twice that. So a reader polls first, for `SPAN` at most, as QEMU's own event
loop does. Where that does not pay (a slow guest, a busy host, one processor for both) it is given up for more and more
reads in a row, so that it costs next to nothing there.
"""

from __future__ import annotations

SPAN = 50e-6
"""Seconds."""

_MOST_SKIPPED = 255


class Polling:
    """One channel's experience with it: halves the pause when it pays, doubles it when it does not."""

    __slots__ = ("_pause", "_skip")

    def __init__(self) -> None:
        self._pause = self._skip = 0

    def worth_it(self) -> bool:
        """Whether the next read should poll."""
        if self._skip:
            self._skip -= 1
            return False
        return True

    def ended(self, paid: bool) -> None:
        """Note how polling went; `paid` says that something arrived within `SPAN`."""
        if paid:
            self._pause >>= 1
        else:
            self._skip = self._pause = min(2 * self._pause + 1, _MOST_SKIPPED)

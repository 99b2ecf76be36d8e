"""Where the requester and the provider meet: the freeze lasts as long as CommitSnapshots has not returned.

VSS calls CommitSnapshots when all volumes are flushed and writes are held. The provider stays in it until the thaw.
The kernel ends the holding by itself after 10 seconds, so the provider gives up a little earlier, and says so.
"""

from __future__ import annotations

from threading import Event, Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 9.5  # seconds; Windows' own is 10


class Hold:
    """`expected`: the snapshot set that is being made, None when there is none."""

    def __init__(self, limit: float = LIMIT) -> None:
        self.expected: str | None = None
        self.reached = Event()  # writes are held
        self.lost: str | None = None  # why they are no longer, although nobody has thawed
        self.when_lost: Callable[[], None] = lambda: None
        self._thawed = Event()
        self._limit = limit
        self._lock = Lock()

    def begin(self, snapshot_set: str) -> None:
        """A snapshot set of ours is on its way."""
        with self._lock:
            self.expected, self.lost = snapshot_set, None
            self.reached.clear()
            self._thawed.clear()

    def commit(self, snapshot_set: str) -> bool:
        """The provider's part: stay here until the thaw. False when it did not come in time, or the set is not ours."""
        if snapshot_set != self.expected:
            return False
        self.reached.set()
        if self._thawed.wait(self._limit):
            return self.lost is None
        self.lose(f"no thaw came within {self._limit:g} seconds, and Windows holds writes for 10 at most")
        return False

    def lose(self, why: str) -> None:
        """Writes are not held any more (or never will be), and it was not a thaw that ended it."""
        with self._lock:
            if self.expected is None or self._thawed.is_set() or self.lost:
                return
            self.lost = why
            held = self.reached.is_set()
            self._thawed.set()
        if held:
            self.when_lost()

    def thaw(self) -> None:
        """Let CommitSnapshots return."""
        with self._lock:
            self._thawed.set()

    def end(self) -> None:
        """The snapshot set is done with."""
        with self._lock:
            self.expected = None
            self._thawed.set()

"""Freezing on Windows: a snapshot of the volumes that VSS never makes, because it is held where writes are.

VSS ends with the agent, whose death ends the freeze.
"""

from __future__ import annotations

from guestwire.agent.system.windows import volumes
from guestwire.agent.system.windows.win32 import failure
from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from typing import Any

    from guestwire.agent.system.windows.vss.requester import Requester

_FD = 1  # there is one snapshot set at a time


class Volumes:
    """The volumes that are frozen in one go; `wanted` mount points, None for all."""

    device = "vss"
    path = b"the volumes"

    def __init__(self, wanted: Collection[bytes] | None) -> None:
        self.wanted = wanted


class Freezing:
    """What the freezer needs of this system. `root` has no meaning here."""

    outlasts_agent = False

    def __init__(self, _root: str = "") -> None:
        self._tell: Callable[[], None] = lambda: None
        self._chosen: list[str] = []
        self._requester: Requester | None = None
        self._held = 0
        self._broken: str | None = None

    def order(self, wanted: Collection[bytes] | None = None) -> list[Volumes]:
        """All volumes together, or those with such a mount point."""
        return [] if wanted is not None and not wanted else [Volumes(wanted)]

    def open(self, filesystem: Volumes) -> int | None:
        """Choose the volumes. OSError when Windows does not tell which there are."""
        self._chosen = choose(filesystem.wanted)
        return _FD if self._chosen else None

    def close(self, fd: int) -> None:
        """Nothing is open."""

    def freeze(self, fd: int) -> int:
        """Have VSS hold the writes of the chosen volumes; how many they are. CommandError when it does not."""
        from guestwire.agent.system.windows.com.types import ComError
        from guestwire.agent.system.windows.vss import errors, offering, options, requester

        self._broken = None
        try:
            hold = offering.offered()
            hold.when_lost = self._tell
            made = requester.connect(hold, options.backup_type())
            count = made.freeze(self._chosen)
        except ComError as error:
            raise errors.failure(error) from None
        except OSError as error:
            raise failure("VSS cannot be used", error) from None
        if count:
            self._requester, self._held = made, count
        return count

    def thaw(self, fd: int) -> int:
        """Let the writes go on; how many volumes that were."""
        made, self._requester = self._requester, None
        if made is None:
            return 0
        self._broken = made.thaw()
        return self._held

    def thaw_mounted(self, filesystem: Volumes) -> int:
        """Nobody can thaw what another program has frozen."""
        return 0

    def thaw_each(self, thaw: Callable[[Any], int], devices: Sequence[Any]) -> list[Any]:
        """There is one at most, and VSS' patience bounds it."""
        return [thaw(device) for device in devices]

    def when_broken(self, tell: Callable[[], None]) -> None:
        """`tell` is called when VSS does not hold the writes any more."""
        self._tell = tell

    def broken(self) -> str | None:
        """Why the volumes were not held until the last thaw; asking forgets it."""
        broken, self._broken = self._broken, None
        return broken

    def run_hook(self, hook: str, verb: str, timeout: float) -> bytes:
        """Windows has VSS writers instead."""
        raise CommandError("there is no fsfreeze hook on Windows: VSS writers do its work")


def choose(wanted: Collection[bytes] | None) -> list[str]:
    """The GUID paths of the fixed disks' volumes: all, or those with a mount point in `wanted` (`C:`, `C:\\`)."""
    names = None if wanted is None else {_normal(name.decode("utf-8", "replace")) for name in wanted}
    chosen = []
    for volume in volumes.volumes():
        if not volumes.is_fixed(volume):
            continue
        if names is None or names & {_normal(place) for place in (volume, *volumes.mount_points(volume))}:
            chosen.append(volume)
    return chosen


def _normal(path: str) -> str:
    return path.replace("/", "\\").rstrip("\\").lower()

"""Which commands may run now: allow list, block list, frozen state."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

# The schema's mark of a command that runs while filesystems are frozen.
ALLOWED_WHEN_FROZEN = "allowed-when-frozen"


class Gate:
    """QEMU's rules: an allow list denies all that it does not name, the block list beats it, nothing is exempt.

    `frozen` is set by the freezer; while it is true only `ALLOWED_WHEN_FROZEN` commands run, whatever the lists say.
    """

    def __init__(self, allow: Collection[str] | None = None, block: Collection[str] = ()) -> None:
        self._allow = frozenset(allow) if allow else None
        self._block = frozenset(block)
        self.frozen = False

    def permits(self, name: str, features: Collection[str]) -> bool:
        """True when the command may run now."""
        if self.frozen:
            return ALLOWED_WHEN_FROZEN in features
        if name in self._block:
            return False
        return self._allow is None or name in self._allow

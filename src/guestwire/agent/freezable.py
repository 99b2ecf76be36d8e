"""What the freezer needs of an operating system: `Freezing` in `agent/system/<os>/freeze.py`.

For type checking only; the agent never loads this file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Sequence

    Device = Hashable


class Filesystem(Protocol):
    """What is frozen in one go; `device` tells one from another."""

    @property
    def device(self) -> Any:
        """Its identity."""

    @property
    def path(self) -> bytes:
        """Its name in messages."""


class Freezing(Protocol):
    """Numbers are filesystems frozen or thawed. Failures are OSError or CommandError."""

    @property
    def outlasts_agent(self) -> bool:
        """Whether what is frozen stays so when the agent is killed."""

    def order(self, wanted: Collection[bytes] | None = None) -> Sequence[Any]:
        """What there is to freeze, in this order; with `wanted` only what has such a mount point."""

    def open(self, filesystem: Any) -> int | None:
        """A descriptor for the calls below; None when there is nothing behind it."""

    def close(self, fd: int) -> None:
        """Give it back."""

    def freeze(self, fd: int) -> int:
        """How many were frozen; 0 when it can't be."""

    def thaw(self, fd: int) -> int:
        """How many were thawed."""

    def thaw_mounted(self, filesystem: Any) -> int:
        """As `thaw`, of what is not open."""

    def thaw_each(self, thaw: Callable[[Any], int], devices: Sequence[Any]) -> list[Any]:
        """`thaw(device)` of each, in a bounded time: numbers, or the OSError in its place."""

    def when_broken(self, tell: Callable[[], None]) -> None:
        """Have `tell` called, in any thread, when the system itself ends a freeze."""

    def broken(self) -> str | None:
        """Why the system has ended the freeze that was thawed last; None when it has not. Asking forgets it."""

    def run_hook(self, hook: str, verb: str, timeout: float) -> bytes:
        """Run the hook program; its output."""

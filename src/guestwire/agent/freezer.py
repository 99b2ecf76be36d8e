"""Freezing and thawing of filesystems, and the lease that ends a freeze."""

from __future__ import annotations


class Freezer:
    """`deadline`: monotonic seconds at which the freeze thaws by itself, None when no lease runs."""

    deadline: float | None = None

    def expire(self) -> None:
        """Thaw because the lease has run out; called by the warden."""

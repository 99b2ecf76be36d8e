"""Which commands may run now: allow list, block list, frozen state."""

from __future__ import annotations


class Gate:
    """`frozen` is set by the freezer; while it is true it overrides both lists (QEMU's rule)."""

    def __init__(self) -> None:
        self.frozen = False

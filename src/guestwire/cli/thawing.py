"""Guests that are frozen together and thawed all at once: one that died holds up none of the others."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from guestwire.cli.output import complain

if TYPE_CHECKING:
    from collections.abc import Sequence

Frozen = AbstractContextManager[int]
"""What `GuestAgent.frozen` gives: entered it freezes, left it thaws, patiently."""

_GLANCE = 0.5  # seconds that a signal may take to be seen at worst


class Frost(AbstractContextManager["Frost"]):
    """The guests that are frozen; leaving it thaws every one of them, whatever happened meanwhile."""

    def __init__(self) -> None:
        self._held: list[Frozen] = []

    def add(self, frozen: Frozen) -> int:
        """Freeze one more. Returns how many of its filesystems are frozen."""
        count = frozen.__enter__()
        self._held.append(frozen)
        return count

    def __exit__(self, *exc: object) -> None:
        errors = _thaw(self._held)
        for error in errors[1:] if exc[0] is None else errors:
            complain(error)
        if errors and exc[0] is None:
            raise errors[0]


def _thaw(held: Sequence[Frozen]) -> list[Exception]:
    """Thaw all. One impatient Ctrl-C must not leave a guest frozen; a second one may."""
    errors: list[Exception] = []

    def leave(frozen: Frozen) -> None:
        try:
            frozen.__exit__(None, None, None)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=leave, args=(each,), daemon=True) for each in held]
    for thread in threads:
        thread.start()
    try:
        _wait(threads)
    except KeyboardInterrupt:
        _wait(threads)
        raise
    return errors


def _wait(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        while thread.is_alive():
            thread.join(_GLANCE)

"""`Session`: what all conversations with one guest share."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Protocol

from guestwire.wire.client import ClientProtocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from guestwire.client.transports.base import Limits

DEFAULT_TIMEOUT = 10.0
"""Seconds that one call may take, resync included, when neither the call nor the agent says otherwise."""


class TurnTaker(Protocol):
    """A lock of the driver's kind. `acquire(False)` never waits; waiting is the effect `Turn`."""

    def acquire(self, blocking: bool, /) -> bool:
        """Take it; False when it is taken."""

    def release(self) -> None:
        """Give it back."""


def random_id() -> int:
    """A fresh id for a resync: 63 bits, since the agent reads it as an int64."""
    return int.from_bytes(os.urandom(8), "little") >> 1


class Session:
    """Plain holder. `clock` gives seconds that never go back; `turn` keeps conversations apart; `way` says what gets
    through to the guest.

    `max_request` and `max_answer` are the bytes that get through in one piece; files are cut to fit. `overlap` is
    whether the agent takes a request before it has answered the last one; None while that is not known.
    """

    __slots__ = (
        "clock",
        "guest",
        "max_answer",
        "max_request",
        "new_id",
        "overlap",
        "protocol",
        "timeout",
        "turn",
        "waiting_behind",
    )

    def __init__(
        self,
        guest: str,
        turn: TurnTaker,
        way: Limits,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        clock: Callable[[], float] = time.monotonic,
        new_id: Callable[[], int] = random_id,
        max_reply: int = 64 << 20,
    ) -> None:
        self.guest = guest
        self.turn = turn
        self.timeout = timeout
        self.clock = clock
        self.new_id = new_id
        self.protocol = ClientProtocol(max_reply=max_reply)
        self.max_request = way.max_request
        self.max_answer = min(max_reply, way.max_answer)
        self.overlap: bool | None = None
        self.waiting_behind = way.waiting_behind

    def deadline(self, timeout: float | None) -> float:
        """The point on the clock at which a call that begins now must have ended."""
        return self.clock() + (self.timeout if timeout is None else timeout)

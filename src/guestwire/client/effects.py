"""What a conversation asks of its driver, and what it is typed as.

A conversation is a generator. It yields one of these, is sent the outcome, and returns its result. It knows neither
sockets nor event loops, so one text serves the blocking and the asyncio client, and tests run it without either.
Deadlines are points on the session's clock, in seconds; `inf` is never.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar

from msgspec import Struct

T = TypeVar("T")

Flow = Generator[Any, Any, T]
"""A conversation that ends in a `T`."""


class Write(Struct, gc=False):
    """Write all of `data`. Raises TimeoutError, OSError."""

    data: bytes
    deadline: float


class Read(Struct, gc=False):
    """Read what is there, at least a byte. Raises TimeoutError, and ConnectionError at the end of the channel."""

    deadline: float


class Exchange(Struct, gc=False):
    """`Write`, then `Read`: what most calls are, in one step."""

    data: bytes
    deadline: float


class Sleep(Struct, gc=False):
    """Wait so many seconds."""

    seconds: float


class Open(Struct, gc=False):
    """Open the channel. Raises TimeoutError, OSError; BlockingIOError when the other end is busy with others."""

    deadline: float


class Close(Struct, gc=False):
    """Close the channel. Never fails."""


class Turn(Struct, gc=False):
    """Wait for the channel to be free of other conversations, and take it. Raises TimeoutError."""

    deadline: float


class Local(Struct):
    """Do slow work of this host (disk, hashing) where it disturbs nobody; sends back what `work()` returns."""

    work: Callable[[], Any]

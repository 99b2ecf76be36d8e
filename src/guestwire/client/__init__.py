"""Talk to a guest's agent from the host: `GuestAgent`, and `AsyncGuestAgent` for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from guestwire.client.blocking import GuestAgent

if TYPE_CHECKING:
    from guestwire.client.aio import AsyncGuestAgent

__all__ = ["AsyncGuestAgent", "GuestAgent"]


def __getattr__(name: str) -> Any:
    """Import the asyncio client when it is asked for: asyncio is a third of a command's start-up time."""
    if name == "AsyncGuestAgent":
        from guestwire.client.aio import AsyncGuestAgent

        return AsyncGuestAgent
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

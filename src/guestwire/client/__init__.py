"""Talk to a guest's agent from the host: `GuestAgent`, and `AsyncGuestAgent` for asyncio."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guestwire.client.aio import AsyncGuestAgent
    from guestwire.client.blocking import GuestAgent

__all__ = ["AsyncGuestAgent", "GuestAgent"]

_HOMES = {"AsyncGuestAgent": "guestwire.client.aio", "GuestAgent": "guestwire.client.blocking"}


def __getattr__(name: str) -> Any:
    """Import a client when it is asked for: asyncio, and all the typed methods, cost a command start-up time."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found

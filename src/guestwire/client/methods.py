"""temporary"""

from __future__ import annotations

from typing import TYPE_CHECKING

from guestwire.client.codec import Command
from guestwire.client.flavour import conversation
from guestwire.client.flows import ask

if TYPE_CHECKING:
    from guestwire.client.effects import Flow
    from guestwire.client.session import Session

_PING: Command[None] = Command("guest-ping", None)


def guest_ping(session: Session, *, timeout: float | None = None) -> Flow[None]:
    """Ping."""
    return ask(session, _PING, _PING.request, timeout)


class Conversations:
    guest_ping = conversation(guest_ping)

"""Fakes for the tests of programs that use guestwire: no guest, no socket, no waiting.

    clock = FakeClock()
    guest = FakeGuest({"guest-get-host-name": {"host-name": "web1"}})
    agent = GuestAgent(MemoryChannel(guest, clock), clock=clock, sleep=clock.sleep)
    assert agent.execute("guest-get-host-name") == {"host-name": "web1"}

`FakeGuest` behaves; `Script` sends what it is told, however wrong.
"""

from __future__ import annotations

from guestwire.testing.channel import AsyncMemoryChannel, FakeClock, MemoryChannel, Peer
from guestwire.testing.guest import FakeGuest
from guestwire.testing.script import CLOSE, Script

__all__ = ["CLOSE", "AsyncMemoryChannel", "FakeClock", "FakeGuest", "MemoryChannel", "Peer", "Script"]

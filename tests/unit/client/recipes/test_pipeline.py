"""How many requests are under way at once."""

from __future__ import annotations

import pytest

from guestwire.client import GuestAgent
from guestwire.testing import FakeClock, FakeGuest, MemoryChannel

DATA = bytes(range(256)) * 16384  # 4 MiB: many requests


class Counting(MemoryChannel):
    """Keeps the largest number of answers that ever lay unread."""

    most = 0

    def write(self, data: bytes, timeout: float) -> None:
        super().write(data, timeout)
        self.most = max(self.most, len(self._arriving()))


@pytest.mark.parametrize(("ours", "most"), [(True, 2), (False, 1)])
def test_only_an_agent_of_ours_gets_two_requests_at_once(ours: bool, most: int) -> None:
    clock = FakeClock()
    guest = FakeGuest({"guestwire-info": {}} if ours else {}, files={"/file": DATA})
    channel = Counting(guest, clock)
    with GuestAgent(channel, clock=clock, sleep=clock.sleep) as agent:
        agent.guest_ping()
        channel.most = 0  # a resync may get two answers
        assert agent.read_file("/file") == DATA
        agent.write_file("/copy", DATA)
    assert guest.files["/copy"] == DATA
    assert channel.most == most
    assert [name for name, _ in guest.calls].count("guestwire-info") == ours, "asked once a connection"


def test_a_small_file_costs_no_question_about_the_agent() -> None:
    clock = FakeClock()
    guest = FakeGuest({"guestwire-info": {}}, files={"/file": b"small"})
    with GuestAgent(MemoryChannel(guest, clock), clock=clock, sleep=clock.sleep) as agent:
        assert agent.read_file("/file") == b"small"
    assert "guestwire-info" not in [name for name, _ in guest.calls]


@pytest.mark.parametrize(("ours", "largest"), [(True, 144 << 10), (False, (1 << 20) - 1)])
def test_answers_of_our_agent_fit_into_a_socket(ours: bool, largest: int) -> None:
    clock = FakeClock()
    guest = FakeGuest({"guestwire-info": {}} if ours else {}, files={"/file": DATA * 4})
    with GuestAgent(MemoryChannel(guest, clock), clock=clock, sleep=clock.sleep) as agent:
        assert agent.read_file("/file") == DATA * 4
    sizes = [given["count"] for name, given in guest.calls if name == "guest-file-read"]
    assert max(sizes) == largest

import pytest

from guestwire.errors import CommandDisabled, CommandNotFound, GuestTimeout
from guestwire.testing import FakeGuest, Script


def test_gives_what_the_agent_allows(connect):
    guest = FakeGuest({"guest-exec": None}, disabled=["guest-exec"])
    allowed = connect(guest).wait_ready(needs=["guest-ping"])
    assert "guest-ping" in allowed
    assert "guest-exec" not in allowed


def test_waits_for_the_socket(connect, clock):
    agent = connect(FakeGuest(), trouble=FileNotFoundError(2, "no"))
    with pytest.raises(GuestTimeout, match=r"web1: not ready: no socket.*after 60"):
        agent.wait_ready()
    connect.channel.trouble = None
    assert agent.wait_ready()


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (ConnectionRefusedError(111, "x"), "nothing listens"),
        (BlockingIOError(11, "x"), "busy with another client"),
    ],
)
def test_says_why_it_could_not_connect(connect, trouble, words):
    with pytest.raises(GuestTimeout, match=words):
        connect(FakeGuest(), trouble=trouble).wait_ready(timeout=5)


def test_says_that_the_agent_is_silent(connect, clock):
    with pytest.raises(GuestTimeout, match="not ready: connected, but the agent is silent"):
        connect(Script(sync=False)).wait_ready(timeout=20)
    assert clock() == pytest.approx(1020, abs=1)


def test_says_at_once_what_policy_forbids(connect, clock):
    guest = FakeGuest({"guest-exec": None}, disabled=["guest-exec"])
    with pytest.raises(CommandDisabled, match="web1 guest-exec: blocked by the agent's policy"):
        connect(guest).wait_ready(needs=["guest-exec"])
    assert clock() == 1000


def test_says_at_once_what_the_agent_lacks(connect):
    with pytest.raises(CommandNotFound, match="does not have this command"):
        connect(FakeGuest()).wait_ready(needs=["guest-get-load"])


def test_an_agent_that_keeps_its_commands_to_itself_is_ready(connect):
    assert connect(FakeGuest(disabled=["guest-info"])).wait_ready() == frozenset()

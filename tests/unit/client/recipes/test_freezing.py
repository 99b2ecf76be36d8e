import pytest

from guestwire.client import GuestAgent
from guestwire.errors import CommandDisabled, CommandError, GuestTimeout
from guestwire.testing import FakeGuest, MemoryChannel


class Freezable(FakeGuest):
    """Counts; `stuck` answers are swallowed before the agent answers again."""

    def __init__(self):
        super().__init__(
            {
                "guest-fsfreeze-freeze": self.freeze,
                "guest-fsfreeze-freeze-list": self.freeze,
                "guest-fsfreeze-thaw": self.thaw,
            }
        )
        self.frozen = False
        self.stuck = 0

    def receive(self, data):
        if self.frozen and self.stuck:
            self.stuck -= 1
            return []
        answers = super().receive(data)
        return [] if self.frozen and self.stuck else answers

    def freeze(self, arguments):
        self.frozen = True
        return len(arguments.get("mountpoints", "abc"))

    def thaw(self, arguments):
        was, self.frozen = self.frozen, False
        return 3 if was else 0


def names(guest):
    return [name for name, _ in guest.calls if name != "guest-ping"]


class Aio:
    """`async with agent.frozen()` as a plain context manager."""

    def __init__(self, agent, context):
        self.loop, self.context = agent._loop, context

    def __enter__(self):
        return self.loop.run_until_complete(self.context.__aenter__())

    def __exit__(self, *exc):
        return self.loop.run_until_complete(self.context.__aexit__(*exc))


def frozen(agent, *args, **kwargs):
    context = agent.frozen(*args, **kwargs)
    return context if isinstance(agent, GuestAgent) else Aio(agent, context)


def test_freezes_and_thaws(connect):
    guest = Freezable()
    with frozen(connect(guest)) as count:
        assert count == 3
        assert guest.frozen
    assert not guest.frozen
    assert names(guest) == ["guest-fsfreeze-freeze", "guest-fsfreeze-thaw"]


def test_freezes_some(connect):
    guest = Freezable()
    with frozen(connect(guest), ["/a", "/b"]) as count:
        assert count == 2
    assert guest.calls[1] == ("guest-fsfreeze-freeze-list", {"mountpoints": ["/a", "/b"]})


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_thaws_whatever_ends_the_body(connect, error):
    guest = Freezable()
    with pytest.raises(error), frozen(connect(guest)):
        raise error
    assert not guest.frozen


def test_thaws_after_a_freeze_that_timed_out(connect, clock):
    guest = Freezable()
    guest.stuck = 4
    with pytest.raises(GuestTimeout), frozen(connect(guest), timeout=10):
        pytest.fail("the body ran")
    assert not guest.frozen


def test_waits_for_no_thaw_of_a_guest_that_never_answered(connect, clock):
    guest = Freezable()
    guest.frozen, guest.stuck = True, 10**6
    began = clock()
    with pytest.raises(GuestTimeout, match="guest-ping"), frozen(connect(guest)):
        pytest.fail("the body ran")
    assert clock() - began < 30


def test_an_agent_that_forbids_the_ping_is_there(connect):
    guest = Freezable()
    guest.disabled.add("guest-ping")
    with frozen(connect(guest)) as count:
        assert count == 3


def test_does_not_thaw_what_somebody_else_froze(connect):
    guest = Freezable()
    guest.disabled.add("guest-fsfreeze-freeze")
    with pytest.raises(CommandError, match="has been disabled"), frozen(connect(guest)):
        pytest.fail("the body ran")
    assert names(guest) == []


def test_gives_up_thawing_in_the_end_and_says_so(connect, clock):
    guest = Freezable()
    with pytest.raises(GuestTimeout, match="guest-fsfreeze-thaw"), frozen(connect(guest), thaw_timeout=30):
        guest.stuck = 10**6
    assert clock() == pytest.approx(1030, abs=1)


def test_thaw_tries_anew_over_a_lost_channel(connect):
    guest = Freezable()
    agent = connect(guest)
    agent.freeze()
    connect.channel.close()
    assert agent.thaw() == 3


def test_a_single_ctrl_c_does_not_stop_the_thaw(clock):
    guest = Freezable()
    channel = MemoryChannel(guest, clock)
    agent = GuestAgent(channel, clock=clock, sleep=clock.sleep)
    read = channel.read

    def interrupted(timeout):
        channel.read = read
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), agent.frozen():
        channel.read = interrupted
    assert not guest.frozen


def refusing(guest, times, error):
    thaw = guest.thaw

    def answer(arguments):
        nonlocal times
        times -= 1
        if times >= 0:
            raise error
        return thaw(arguments)

    guest.answers["guest-fsfreeze-thaw"] = answer


def test_a_thaw_that_fails_at_first_is_asked_for_again(connect):
    guest = Freezable()
    refusing(guest, 4, CommandError("failed to open /proc/self/mounts"))
    with frozen(connect(guest)):
        assert guest.frozen
    assert not guest.frozen
    assert names(guest).count("guest-fsfreeze-thaw") == 5


@pytest.mark.parametrize(
    ("error", "times"), [(CommandError("no"), 5), (CommandDisabled("has been disabled"), 1)]
)
def test_a_thaw_that_goes_on_failing_says_so(connect, error, times):
    guest = Freezable()
    refusing(guest, 99, error)
    with pytest.raises(type(error)), frozen(connect(guest)):
        pass
    assert names(guest).count("guest-fsfreeze-thaw") == times

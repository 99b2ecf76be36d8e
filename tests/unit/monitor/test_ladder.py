import asyncio

import pytest

from guestwire.client.aio import AsyncGuestAgent
from guestwire.errors import CommandError
from guestwire.monitor.collectors import SECTIONS
from guestwire.monitor.ladder import ABILITIES, RETRY, Ladder
from guestwire.monitor.samples import Poll
from guestwire.testing import AsyncMemoryChannel, FakeClock, FakeGuest

LOAD = {"load1m": 1.0, "load5m": 2.0, "load15m": 3.0}
FILES = {
    "/proc/loadavg": b"4.0 5.0 6.0 1/9 9\n",
    "/proc/meminfo": b"MemTotal: 1 kB\n",
    "/proc/stat": b"cpu0 1 2\nbtime 5\n",
}


class Watched:
    def __init__(self, guest):
        self.guest = guest
        self.clock = FakeClock()
        agent = AsyncGuestAgent(AsyncMemoryChannel(guest, self.clock), clock=self.clock)
        self.now = 1000.0
        self.ladder = Ladder(agent, SECTIONS, lambda: self.now)

    def collect(self, seconds=10.0):
        self.now += seconds
        self.guest.calls.clear()
        poll = Poll("web", self.now, [])
        asyncio.run(self.ladder.collect(poll))
        return poll

    def asked(self, name):
        return sum(call == name for call, _ in self.guest.calls)


def value(poll, name):
    return next((sample.value for sample in poll.samples if sample.name == name), None)


@pytest.fixture
def watched():
    return Watched(FakeGuest({"guest-get-load": LOAD, "guest-fsfreeze-status": "thawed"}, files=FILES))


def test_the_best_step_that_works_is_taken(watched):
    poll = watched.collect()
    assert value(poll, "node_load1") == 1
    assert poll.sources["node_load1"] == "guest-get"
    assert poll.sources["node_memory_MemTotal_bytes"] == "guest-file-read"
    assert poll.unknown["node_filesystem_size_bytes"] == "no-command"
    assert poll.unknown["node_vmstat_oom_kill"] == "failed", "the file is not there"


def test_policy_forbids_the_command_so_the_file_is_read(watched):
    watched.guest.disabled.add("guest-get-load")
    poll = watched.collect()
    assert (value(poll, "node_load1"), poll.sources["node_load1"]) == (4.0, "guest-file-read")
    watched.guest.disabled.add("guest-file-open")
    poll = watched.collect(ABILITIES)
    assert poll.unknown["node_load1"] == "disabled"


def test_a_broken_answer_hurts_its_own_section_alone(watched):
    watched.guest.answers["guest-get-load"] = {"load1m": "many"}
    watched.guest.answers["guest-get-cpustats"] = [{"cpu": 0, "idle": 5000}]
    poll = watched.collect()
    assert (value(poll, "node_load1"), value(poll, "node_cpu_seconds_total")) == (4.0, 5.0)
    watched.guest.files["/proc/loadavg"] = b"\xff"
    poll = watched.collect(RETRY)
    assert poll.unknown["node_load1"] == "invalid"


def test_a_step_that_failed_is_tried_again_later(watched):
    watched.guest.answers["guest-get-load"] = CommandError("broken")
    assert watched.collect().sources["node_load1"] == "guest-file-read"
    watched.guest.answers["guest-get-load"] = LOAD
    assert watched.collect().sources["node_load1"] == "guest-file-read"
    assert watched.asked("guest-get-load") == 0
    assert watched.collect(RETRY).sources["node_load1"] == "guest-get"


def test_slow_figures_are_asked_seldom(watched):
    watched.guest.answers["guest-get-users"] = []
    watched.guest.answers["guest-get-time"] = 5
    asked = {"guest-get-users": 0, "guest-get-load": 0, "guest-info": 0}
    for _ in range(12):
        watched.collect()
        for name in asked:
            asked[name] += watched.asked(name)
    assert asked == {"guest-get-users": 2, "guest-get-load": 12, "guest-info": 2}
    watched.ladder.forget()
    watched.collect()
    assert watched.asked("guest-get-users") == 1


def test_one_file_serves_several_sections(watched):
    poll = watched.collect()
    assert value(poll, "node_boot_time_seconds") == 5
    assert value(poll, "node_cpu_seconds_total") == 0.01
    opened = [arguments["path"] for name, arguments in watched.guest.calls if name == "guest-file-open"]
    assert opened.count("/proc/stat") == 1


def test_a_frozen_guest_is_left_in_peace(watched):
    watched.collect()
    watched.guest.disabled |= {"guest-get-load", "guest-file-open"}
    watched.guest.answers["guest-fsfreeze-status"] = "frozen"
    poll = watched.collect(70)
    assert watched.ladder.frozen
    assert set(poll.unknown.values()) >= {"frozen"}
    poll = watched.collect()
    assert set(poll.unknown.values()) == {"frozen"}
    assert [name for name, _ in watched.guest.calls] == ["guest-fsfreeze-status"]
    watched.guest.disabled.clear()
    watched.guest.answers["guest-fsfreeze-status"] = "thawed"
    assert value(watched.collect(), "node_load1") == 1
    assert not watched.ladder.frozen


def test_a_guest_with_strange_abilities():
    watched = Watched(FakeGuest({"guest-info": {"supported_commands": [5, {"name": 7}, {}]}}))
    assert set(watched.collect().unknown.values()) == {"no-command"}
    watched = Watched(FakeGuest({"guest-info": "hello"}))
    assert watched.collect().samples == []


def test_a_policy_that_changed_meanwhile(watched):
    watched.collect()
    watched.guest.disabled.add("guest-get-load")
    poll = watched.collect()
    assert poll.sources["node_load1"] == "guest-file-read"
    del watched.guest.answers["guest-fsfreeze-status"]
    watched.guest.disabled.clear()
    watched.collect(RETRY)
    watched.guest.disabled.add("guest-get-load")
    assert watched.collect().sources["node_load1"] == "guest-file-read"


def test_the_bulk_answer_is_asked_for_once_a_poll(watched):
    bulk = {
        "load": LOAD | {"load1m": 7.0},
        "users": [{"user": "root"}],
        "units": {"failed-count": 0, "failed": []},
    }
    watched.guest.answers["guestwire-get-metrics"] = bulk
    poll = watched.collect(ABILITIES)
    assert watched.asked("guestwire-get-metrics") == 1
    assert (value(poll, "node_load1"), poll.sources["node_load1"]) == (7.0, "guestwire-get-metrics")
    assert value(poll, "node_systemd_units") == 0
    assert value(poll, "node_memory_MemTotal_bytes") == 1024, (
        "a section that is missing comes from the next step"
    )
    assert poll.sources["node_memory_MemTotal_bytes"] == "guest-file-read"
    bulk["load"]["load1m"] = 8.0
    poll = watched.collect()
    assert (watched.asked("guestwire-get-metrics"), value(poll, "node_load1")) == (1, 8.0)


def test_the_bulk_command_is_asked_for_what_is_due_alone(watched):
    watched.guest.answers["guestwire-get-metrics"] = {
        "load": LOAD,
        "units": {"failed-count": 0, "failed": []},
    }

    def sections(seconds):
        watched.collect(seconds)
        (arguments,) = [told for name, told in watched.guest.calls if name == "guestwire-get-metrics"]
        return set(arguments["sections"])

    assert {"load", "units", "processes", "cpus"} <= sections(ABILITIES)
    second = sections(10.0)
    assert "load" in second
    assert not {"units", "processes", "users"} & second, "slow figures are not asked again so soon"


def test_a_clock_set_back_a_day_delays_nothing(watched):
    watched.collect(100_000.0)
    assert value(watched.collect(-86400.0), "node_load1") is not None
    assert watched.asked("guest-info")
    watched.collect()
    assert watched.asked("guest-info") == 0


def older(known):
    """An agent's bulk command that knows these sections only."""

    def told(arguments):
        for name in arguments.get("sections", known):
            if name not in known:
                raise CommandError(f"Parameter 'sections' does not accept value '{name}'")
        return dict.fromkeys(known, LOAD)

    return told


def test_an_older_agent_is_asked_for_all_that_it_has(watched):
    watched.guest.answers["guestwire-get-metrics"] = older(["load"])
    poll = watched.collect()
    assert poll.sources["node_load1"] == "guestwire-get-metrics"
    assert poll.unknown["node_systemd_units"] == "no-command"
    watched.collect()
    assert [told for name, told in watched.guest.calls if name == "guestwire-get-metrics"] == [{}], (
        "one round trip"
    )
    watched.ladder.forget()
    watched.collect()
    assert watched.asked("guestwire-get-metrics") == 2, "it may be another agent now"


def test_a_bulk_command_that_fails_anyhow_is_one_step_that_failed(watched):
    watched.guest.answers["guestwire-get-metrics"] = CommandError("broken")
    poll = watched.collect()
    assert poll.sources["node_load1"] == "guest-get"
    assert poll.unknown["node_systemd_units"] == "failed"


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ([{"section": "units", "reason": "Connection timed out"}], "timeout"),
        ([{"section": "units", "reason": "Permission denied"}], "failed"),
        ([{"section": "load", "reason": "Permission denied"}, 7, {}], "no-command"),
        ("strange", "no-command"),
    ],
)
def test_why_a_section_is_not_in_the_bulk_answer(watched, missing, reason):
    watched.guest.answers["guestwire-get-metrics"] = {"load": LOAD, "missing": missing}
    assert watched.collect().unknown["node_systemd_units"] == reason

from guestwire.daemon.lookout import GONE, Lookout
from guestwire.discovery import Fault, Found, Located
from guestwire.monitor.targets import GuestState, Target

UUID = "11111111-2222-3333-4444-555555555555"


class Host:
    """A host whose guests a test sets."""

    def __init__(self):
        self.now = 0.0
        self.found = Found()
        self.lookout = Lookout(lambda: self.found, lambda: self.now)

    def look(self, listed=None):
        return {target.name: target for target in self.lookout.look(listed or {})}


def vm(name="web1", **more):
    given = {"address": f"unix:/{name}", "state": "running", "pid": 7, "uuid": UUID, **more}
    return Located(name, given.pop("source", "qemu"), **given)


def test_what_is_found_is_watched_by_its_uuid():
    host = Host()
    host.found = Found([vm()])
    assert host.look() == {"web1": Target(UUID, "web1", "unix:/web1", GuestState.RUNNING, 7, UUID)}


def test_states_and_guests_without_a_channel():
    host = Host()
    states = {
        "paused": "paused",
        "suspended": "paused",
        "migrating": "migrating",
        "crashed": "off",
        "unknown": "running",
    }
    host.found = Found([vm(state, state=state, uuid=None, address=None) for state in states])
    seen = host.look()
    assert {name: str(target.state) for name, target in seen.items()} == states
    assert seen["paused"].address == ""


def test_a_listed_guest_has_the_identity_of_the_one_found():
    host = Host()
    host.found = Found([vm(), vm("db", uuid=None)])
    seen = host.look({"my-web": "unix:/web1", "db": "unix:/elsewhere", "other": "unix:/o"})
    assert set(seen) == {"my-web", "db", "other"}
    assert (seen["my-web"].identity, seen["my-web"].pid) == (UUID, 7)
    assert seen["db"].address == "unix:/elsewhere"
    assert seen["other"] == Target("other", "other", "unix:/o")


def test_a_guest_that_is_gone_is_off_for_a_while():
    host = Host()
    host.found = Found([vm()])
    host.look()
    host.found = Found()
    host.now = 10.0
    assert host.look()["web1"].state is GuestState.OFF
    host.found = Found([vm(pid=8)])
    assert host.look()["web1"].pid == 8
    host.found = Found()
    host.now += GONE
    assert host.look() == {}


def test_a_source_that_fails_takes_no_guest_away():
    host = Host()
    host.found = Found([vm()])
    host.look()
    host.found = Found([], [Fault("qemu", "/proc", "no")])
    host.now = GONE * 2
    assert host.look()["web1"].state is GuestState.RUNNING
    assert host.lookout.faults == ["qemu: /proc: no"]


def test_without_discovery_the_list_alone_counts():
    assert [t.name for t in Lookout(None).look({"a": "unix:/a"})] == ["a"]


def test_the_configuration_s_monitor_counts_before_the_one_found():
    host = Host()
    host.lookout = Lookout(lambda: host.found, lambda: host.now, qmp={"web1": "unix:/named", "db": "unix:/d"})
    host.found = Found([vm(qmp="unix:/m", balloon=5), vm("db", uuid=None), vm("x", uuid=None, qmp="unix:/x")])
    seen = host.look()
    assert {name: target.qmp for name, target in seen.items()} == {
        "web1": "unix:/named",
        "db": "unix:/d",
        "x": "unix:/x",
    }
    assert seen["web1"].balloon == 5
    host.found = Found()
    assert [(target.qmp, target.balloon) for target in host.look().values()] == [("", None)] * 3

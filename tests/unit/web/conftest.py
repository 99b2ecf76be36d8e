"""A site with three guests whose figures are put into a real store by hand, behind the real application."""

import time

import pytest
from aiohttp.test_utils import TestClient, TestServer

from guestwire.monitor.poller import Counts
from guestwire.monitor.rules.load import DEFAULT_RULES, load_rules
from guestwire.monitor.samples import Poll, Sample, labels_of
from guestwire.monitor.store.store import Store
from guestwire.monitor.targets import GuestState, Target
from guestwire.monitor.watch import Monitor
from guestwire.web.app import make_app
from guestwire.web.site import Site

HOSTILE = "<img src=x onerror=alert(1)>\"'&\u202e"


class Watcher:
    def __init__(self, target):
        self.target = target
        self.counts = Counts(polls=4, failures=1, seconds=2.0)


class Poller:
    """Stands where the poller is; its guests are told what they measured by the tests."""

    def __init__(self, targets):
        self.watchers = [Watcher(target) for target in targets]


def web1(at, *, mountpoint="/", busy=0.25, boot=1000.0):
    """A poll of a guest that tells much; its counters have run since `boot`."""
    ran = at - boot
    fs = labels_of(device="/dev/vda1", fstype="ext4", mountpoint=mountpoint)
    samples = [
        Sample("guestwire_guest_up", (), 1.0),
        Sample("guestwire_guest_frozen", (), 0.0),
        Sample("guestwire_guest_poll_seconds", (), 0.01),
        Sample("node_cpu_seconds_total", labels_of(cpu="0", mode="user"), ran * busy),
        Sample("node_cpu_seconds_total", labels_of(cpu="0", mode="idle"), ran * (1 - busy)),
        Sample("node_memory_MemTotal_bytes", (), 1000.0),
        Sample("node_memory_MemAvailable_bytes", (), 400.0),
        Sample("node_memory_MemFree_bytes", (), 300.0),
        Sample("node_memory_Cached_bytes", (), 100.0),
        Sample("node_boot_time_seconds", (), boot),
        Sample("node_load1", (), 0.5),
        Sample("guestwire_guest_users", (), 2.0),
        Sample("node_network_receive_bytes_total", labels_of(device="eth0"), ran * 100),
        Sample("node_network_transmit_bytes_total", labels_of(device="eth0"), ran * 50),
        Sample("node_network_receive_bytes_total", labels_of(device="lo"), ran * 9999),
        Sample("node_disk_read_bytes_total", labels_of(device="vda"), ran * 512),
        Sample("node_filesystem_size_bytes", fs, 1000.0),
        Sample("node_filesystem_free_bytes", fs, 200.0),
        Sample("node_filesystem_avail_bytes", fs, 100.0),
        Sample("node_filesystem_files", fs, 100.0),
        Sample("node_filesystem_files_free", fs, 75.0),
        Sample("node_filesystem_readonly", fs, 0.0),
        Sample("node_os_info", labels_of(id="debian", name="Debian", pretty_name="Debian 12"), 1.0),
        Sample("node_uname_info", labels_of(nodename=HOSTILE, release="6.1"), 1.0),
        Sample("guestwire_guest_info", labels_of(agent="guestwire", version="1.0"), 1.0),
        Sample("node_network_address_info", labels_of(address="10.0.0.5", device="eth0", prefix="24"), 1.0),
        Sample("node_network_address_info", labels_of(address="127.0.0.1", device="lo", prefix="8"), 1.0),
        Sample("node_network_info", labels_of(address="52:54:00:00:00:01", device="eth0"), 1.0),
    ]
    return Poll(
        "u-1",
        at,
        samples,
        {"node_load1": "guest-get"},
        {"node_pressure_cpu_waiting_seconds_total": "no-command"},
    )


def silent(at):
    """A poll that says only why there is nothing."""
    marks = [
        Sample("guestwire_guest_up", (), 0.0),
        Sample("guestwire_guest_silent", labels_of(reason="silent"), 1.0),
    ]
    return Poll("u-2", at, marks, {}, {"node_load1": "silent"})


@pytest.fixture
def site(tmp_path):
    monitor = Monitor(Store(tmp_path / "history.db"), load_rules(DEFAULT_RULES))
    targets = [
        Target("u-1", "web1", "unix:/run/1"),
        Target("u-2", "db1", "unix:/run/2"),
        Target("u-3", HOSTILE, "unix:/run/3", GuestState.OFF),
    ]
    made = Site(monitor, Poller(targets))
    now = time.time()
    for ago in range(300, -1, -10):
        monitor.take(web1(now - ago), "web1")
    monitor.take(silent(now - 1), "db1")
    yield made
    monitor.close()


@pytest.fixture
async def client(site):
    async with TestClient(TestServer(make_app(site))) as made:
        yield made

"""The agent's channels in a real guest: hosts that come, leave in the middle, do not read; ports that are unplugged."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from guestwire.errors import GuestTimeout

from .conftest import GUESTS, ready
from .harness.guest import BOOT_PATIENCE, DEFAULT_PORT, OWN_PORT, Guest
from .raw import PATIENCE, Raw

LARGE = "/tmp/large"


def test_a_large_file_both_ways(light: Guest) -> None:
    data = bytes(range(256)) * 16384  # 4 MiB
    with light.agent() as agent:
        agent.write_file("/tmp/upload", data)
        assert agent.read_file("/tmp/upload") == data
        assert agent.sha256("/tmp/upload") == light.sh("sha256sum /tmp/upload").split()[0]


def test_a_large_file_through_the_stock_agent(light: Guest) -> None:
    data = bytes(range(256)) * 4096  # 1 MiB
    light.sh("mkdir -p /tmp/stock")
    options = f"-p /dev/virtio-ports/{OWN_PORT} -t /tmp/stock -f /tmp/stock/pid"
    light.sh(f"setsid /usr/sbin/qemu-ga {options} >/tmp/stock/log 2>&1 &")
    with light.agent(OWN_PORT) as agent:
        agent.wait_ready(timeout=PATIENCE)
        agent.write_file("/tmp/stock/file", data)
        assert agent.read_file("/tmp/stock/file") == data
    light.sh("kill $(pidof qemu-ga)")


def test_megabytes_of_output(light: Guest) -> None:
    with light.agent(timeout=PATIENCE) as agent:
        done = agent.run(["head", "-c", "3000000", "/dev/zero"], timeout=PATIENCE)
        assert done.returncode == 0
        assert len(done.stdout) == 3000000


def test_a_port_of_our_own_name_is_unplugged_and_plugged_again(fresh: Guest) -> None:
    path = f"/dev/virtio-ports/{OWN_PORT}"
    fresh.start_agent(f"-p {path} --retry-path", wait_on=OWN_PORT)
    fresh.qmp.execute("device_del", id="p2")
    fresh.qmp.wait_event("DEVICE_DELETED")
    fresh.until(f"[ ! -e {path} ]")
    fresh.sh("kill -0 $(cat /tmp/agent.pid)")
    plug = {"driver": "virtserialport", "bus": "ports.0", "nr": 2, "chardev": "c2", "name": OWN_PORT}
    fresh.qmp.execute("device_add", id="p2", **plug)
    fresh.until(f"[ -e {path} ]")
    with fresh.agent(OWN_PORT) as agent:
        agent.wait_ready(timeout=PATIENCE)
        agent.guest_ping()


def test_without_retry_path_a_lost_port_ends_the_agent(fresh: Guest) -> None:
    fresh.start_agent(f"-p /dev/virtio-ports/{OWN_PORT}", wait_on=OWN_PORT)
    fresh.qmp.execute("device_del", id="p2")
    fresh.until("! kill -0 $(cat /tmp/agent.pid) 2>/dev/null")
    assert OWN_PORT in fresh.sh("cat /tmp/agent.log")


@pytest.fixture(scope="module")
def three() -> Iterator[Guest]:
    """A guest with an agent on each kind of channel: the default port, one of our own name, a serial line."""
    ready()
    with Guest() as guest:
        GUESTS.append(guest)
        guest.sh(f"head -c 3000000 /dev/urandom > {LARGE}")
        guest.pids = {DEFAULT_PORT: guest.start_agent()}
        for port, options in (
            (OWN_PORT, f"-p /dev/virtio-ports/{OWN_PORT}"),
            ("isa", "-m isa-serial -p /dev/ttyS1"),
        ):
            guest.sh(f"mkdir -p /tmp/state-{port}")
            guest.pids[port] = guest.second_agent(f"{options} -t /tmp/state-{port}", f"/tmp/{port}.log")
            with guest.agent(port) as agent:
                agent.wait_ready(timeout=BOOT_PATIENCE)
        yield guest
        GUESTS.remove(guest)


@pytest.mark.parametrize("port", [DEFAULT_PORT, OWN_PORT, "isa"])
class TestEveryChannel:
    """What a host may do to any channel."""

    def test_work(self, three: Guest, port: str) -> None:
        data = bytes(range(256)) * 64
        with three.agent(port) as agent:
            assert agent.guest_get_host_name().host_name == "light"
            agent.write_file(f"/tmp/file-{port}", data)
            assert agent.read_file(f"/tmp/file-{port}") == data

    def test_a_host_that_leaves_in_the_middle_of_a_request(self, three: Guest, port: str) -> None:
        write = b'{"execute":"guest-file-write","arguments":{"handle":1,"buf-b64":"QUJ'
        for half in (b'{"execute":"guest-pi', write):
            with Raw(three, port) as raw:
                raw.socket.sendall(half)
            with three.agent(port) as agent:
                agent.guest_ping()

    def test_a_host_that_leaves_in_the_middle_of_an_answer(self, three: Guest, port: str) -> None:
        with three.agent(port) as agent:
            handle = agent.guest_file_open(path=LARGE)
        with Raw(three, port) as raw:
            raw.socket.sendall(reading(handle, 100_000 if port == "isa" else 3_000_000))
            assert raw.socket.recv(1000)
        with three.agent(port) as agent:
            agent.guest_ping()
            agent.guest_file_close(handle=handle)

    def test_a_host_that_never_reads(self, three: Guest, port: str) -> None:
        with three.agent(port) as agent:
            handle = agent.guest_file_open(path=LARGE)
        process = f"/proc/{three.pids[port]}"
        before = int(three.sh(f"grep VmRSS {process}/status | tr -dc 0-9"))
        with Raw(three, port) as raw:
            for _ in range(20):
                raw.socket.sendall(reading(handle, 20_000 if port == "isa" else 300_000))
            ticks = f"awk '{{print $14 + $15}}' {process}/stat"
            three.until(
                f"a=$({ticks}); sleep 0.5; [ $a = $({ticks}) ]"
            )  # it sleeps, whatever the host does not do
            assert int(three.sh(f"grep VmRSS {process}/status | tr -dc 0-9")) - before < 8000  # KiB
        with three.agent(port) as agent:
            agent.guest_file_close(handle=handle)


def reading(handle: int, count: int) -> bytes:
    return b'{"execute":"guest-file-read","arguments":{"handle":%d,"count":%d}}' % (handle, count)


def test_a_killed_agent_is_started_again(light: Guest) -> None:
    with light.agent() as agent:
        handle = agent.guest_file_open(path="/etc/passwd")
    light.stop_agent("KILL")
    with light.agent(timeout=2.0) as agent, pytest.raises(GuestTimeout):
        agent.guest_ping()
    light.start_agent()
    with light.agent() as agent:
        agent.guest_ping()
        assert agent.guest_file_open(path="/etc/passwd") > handle, "handles never repeat over restarts"


def test_requests_of_a_client_that_was_there_before_the_agent(light: Guest) -> None:
    light.stop_agent()
    with Raw(light) as raw:
        raw.socket.sendall(b'{"execute":"guest-sync","arguments":{"id":5}}\n')
        time.sleep(0.2)
        light.start_agent(wait_on=None)
        answer = raw.ask(b'\xff{"execute":"guest-sync","arguments":{"id":6}}\n')
        while json.loads(answer.splitlines()[-1].lstrip(b"\xff")) != {"return": 6}:
            answer = raw.socket.recv(1 << 16)

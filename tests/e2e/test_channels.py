"""The agent's channels in a real guest: hosts that come, leave in the middle, do not read; ports that are unplugged."""

from __future__ import annotations

import json
import time

import pytest

from guestwire.errors import GuestTimeout

from .harness.guest import OWN_PORT, Guest
from .raw import PATIENCE, Raw


def test_the_default_port(light: Guest) -> None:
    with light.agent() as agent:
        agent.guest_ping()
        assert agent.guest_get_host_name().host_name == "light"


def test_a_host_that_leaves_in_the_middle_of_a_request(light: Guest) -> None:
    for half in (
        b'{"execute":"guest-pi',
        b'{"execute":"guest-file-write","arguments":{"handle":1,"buf-b64":"QUJ',
    ):
        with Raw(light) as raw:
            raw.socket.sendall(half)
        with light.agent() as agent:
            agent.guest_ping()


def test_a_host_that_leaves_in_the_middle_of_an_answer(light: Guest) -> None:
    light.sh("head -c 3000000 /dev/urandom > /tmp/large")
    with light.agent() as agent:
        handle = agent.guest_file_open(path="/tmp/large")
    with Raw(light) as raw:
        raw.socket.sendall(
            b'{"execute":"guest-file-read","arguments":{"handle":%d,"count":3000000}}' % handle
        )
        assert raw.socket.recv(1000)
    with light.agent() as agent:
        agent.guest_ping()
        agent.guest_file_close(handle=handle)


def test_a_host_that_never_reads(light: Guest) -> None:
    light.sh("head -c 3000000 /dev/urandom > /tmp/large")
    with light.agent() as agent:
        handle = agent.guest_file_open(path="/tmp/large")
    before = int(light.sh("grep VmRSS /proc/$(cat /tmp/agent.pid)/status | tr -dc 0-9"))
    with Raw(light) as raw:
        for _ in range(20):
            raw.socket.sendall(
                b'{"execute":"guest-file-read","arguments":{"handle":%d,"count":300000}}' % handle
            )
        ticks = "awk '{print $14 + $15}' /proc/$(cat /tmp/agent.pid)/stat"
        light.until(
            f"a=$({ticks}); sleep 0.5; [ $a = $({ticks}) ]"
        )  # it sleeps, whatever the host does not do
        after = int(light.sh("grep VmRSS /proc/$(cat /tmp/agent.pid)/status | tr -dc 0-9"))
        assert after - before < 8000  # KiB
    with light.agent() as agent:
        agent.guest_file_close(handle=handle)


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


def test_isa_serial(fresh: Guest) -> None:
    fresh.start_agent("-m isa-serial -p /dev/ttyS1", wait_on="isa")
    with fresh.agent("isa") as agent:
        agent.guest_ping()
        agent.write_file("/tmp/serial", bytes(range(256)) * 64)
        assert agent.read_file("/tmp/serial") == bytes(range(256)) * 64
    with Raw(fresh, "isa") as raw:
        raw.socket.sendall(b'{"execute":"gue')
    with fresh.agent("isa") as agent:
        agent.guest_ping()


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

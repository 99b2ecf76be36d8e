"""A command that the kernel never lets return. Only this project's agent is tried: QEMU's hangs with it.

The trap is a real one: a FUSE mount whose server never answers, so that statvfs(2) and open(2) on it sleep for ever.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .agents import PATIENCE, Agent, Peer, running

MNT_FORCE = 1
MNT_DETACH = 2


@pytest.fixture
def trap(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0 or not os.path.exists("/dev/fuse"):
        pytest.skip("needs root and /dev/fuse, to mount a file system that never answers")
    libc = ctypes.CDLL(None, use_errno=True)
    place = tmp_path / "trap"
    place.mkdir()
    server = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={server},rootmode=40000,user_id=0,group_id=0".encode()
    if libc.mount(b"trap", bytes(place), b"fuse.trap", 0, options):
        os.close(server)
        pytest.fail(f"mount: {os.strerror(ctypes.get_errno())}")
    try:
        yield place
    finally:
        os.close(server)  # whoever still waits gets ENOTCONN
        libc.umount2(bytes(place), MNT_DETACH)


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    with running(True, tmp_path) as agent:
        yield agent


def ask_statvfs(peer: Peer, place: Path, id: object = None) -> None:
    request = {"execute": "guest-get-statvfs", "arguments": {"path": str(place)}, "id": id}
    peer.send(json.dumps(request).encode())


def test_the_session_commands_are_answered_while_a_command_is_stuck(agent: Agent, trap: Path) -> None:
    with agent.connect() as peer:
        ask_statvfs(peer, trap, "stuck")
        assert peer.call("guest-ping") == {"return": {}}
        assert peer.value("guest-info")["version"]
        assert peer.value("guest-sync", id=5) == 5
        peer.send(b'\xff{"execute":"guest-sync-delimited","arguments":{"id":6}}')
        assert b"\\uFFFD" in peer.line()
        assert peer.line() == b'\xff{"return": 6}'
        assert peer.value("guest-get-host-name")
        assert peer.value("guestwire-info")["stuck-commands"] == 1


def test_the_late_answer_is_never_sent(agent: Agent, trap: Path) -> None:
    with agent.connect() as peer:
        ask_statvfs(peer, trap, "stuck")
        assert peer.value("guest-sync", id=5) == 5
        ctypes.CDLL(None).umount2(bytes(trap), MNT_FORCE)  # frees the stuck call
        end = time.monotonic() + PATIENCE
        while peer.value("guestwire-info")["stuck-commands"]:
            assert time.monotonic() < end
            time.sleep(0.01)
        assert peer.call("guest-ping") == {"return": {}}


def test_the_number_of_stuck_commands_is_bounded(agent: Agent, trap: Path) -> None:
    with agent.connect() as peer:
        for number in range(8):
            ask_statvfs(peer, trap)
            assert peer.value("guest-sync", id=number) == number
        desc = peer.error("guest-get-host-name")
        assert desc.startswith("8 commands have not returned, no more are started: guest-get-statvfs (")
        assert peer.call("guest-ping") == {"return": {}}


def test_a_host_that_leaves_a_stuck_command_behind_harms_nobody(agent: Agent, trap: Path) -> None:
    with agent.connect() as peer:
        ask_statvfs(peer, trap)
        assert peer.call("guest-ping") == {"return": {}}
    with agent.connect() as peer:
        assert peer.value("guest-get-host-name")


def test_other_commands_wait_behind_a_stuck_one_until_a_resync(agent: Agent, trap: Path) -> None:
    with agent.connect() as peer:
        ask_statvfs(peer, trap)
        peer.send(b'{"execute":"guest-get-host-name","id":"behind"}')
        assert peer.call("guest-ping") == {"return": {}}
        assert peer.value("guest-sync", id=5) == 5
        assert peer.value("guest-get-host-name")


def test_sigterm_ends_an_agent_with_a_stuck_command(agent: Agent, trap: Path) -> None:
    with agent.connect() as peer:
        ask_statvfs(peer, trap)
        assert peer.call("guest-ping") == {"return": {}}
        agent.process.send_signal(signal.SIGTERM)
        assert agent.process.wait(PATIENCE) == 0

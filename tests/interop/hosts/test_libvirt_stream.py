"""libvirt's way, which is KubeVirt's and that of many tools: one long connection, a plain resync before each command.

The resync has no 0xFF and its id is a clock in milliseconds. After a time-out libvirt resyncs again and passes over
late answers by their id. KubeVirt's poller asks for what it shows of a guest, its probes run programs.
"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from tests.contract.agents import PATIENCE, Agent, Peer

KUBEVIRT_POLLS = [
    "guest-ping", "guest-info", "guest-get-osinfo", "guest-get-timezone", "guest-get-host-name", "guest-get-users",
    "guest-network-get-interfaces", "guest-get-fsinfo", "guest-fsfreeze-status",
]  # fmt: skip


def resync(peer: Peer, number: int) -> None:
    """libvirt's: answers to anything else are passed over."""
    peer.send(b'{"execute":"guest-sync","arguments":{"id":%d}}\n' % number)
    while json.loads(peer.line()) != {"return": number}:
        pass


def call(peer: Peer, command: bytes) -> Any:
    """A resync and the command. libvirt takes one line with one object that it knows."""
    resync(peer, time.time_ns() // 1_000_000)
    answer = json.loads(peer.ask(command + b"\n"))
    assert answer.keys() in ({"return"}, {"error"})
    return answer


@pytest.mark.parametrize("command", KUBEVIRT_POLLS)
def test_what_kubevirt_polls(agent: Agent, command: str) -> None:
    with agent.connect() as peer:
        for _ in range(2):
            assert "return" in call(peer, b'{"execute":"%s"}' % command.encode())


def test_what_kubevirt_reads_of_the_agents_version(agent: Agent) -> None:
    with agent.connect() as peer:
        info = call(peer, b'{"execute":"guest-info"}')["return"]
    assert info["version"][0].isdigit()
    for command in info["supported_commands"]:
        assert command.keys() == {"name", "enabled", "success-response"}


def test_a_probe_runs_a_program(agent: Agent) -> None:
    with agent.connect() as peer:
        program = b'{ "path": "/bin/sh", "arg": [ "-c", "exit 3" ], "capture-output":true }'
        pid = call(peer, b'{"execute": "guest-exec", "arguments": %s }' % program)["return"]["pid"]
        end = time.monotonic() + PATIENCE
        while True:
            status = call(peer, b'{"execute": "guest-exec-status", "arguments": { "pid": %d } }' % pid)[
                "return"
            ]
            if status["exited"]:
                break
            assert time.monotonic() < end
            time.sleep(0.02)
    assert status["exitcode"] == 3


def test_late_answers_are_passed_over(agent: Agent) -> None:
    """libvirt has given up on a command: its answer comes before that of the second resync."""
    with agent.connect() as peer:
        resync(peer, 1)
        peer.send(b'{"execute":"guest-get-fsinfo"}\n')
        resync(peer, 2)
        assert call(peer, b'{"execute":"guest-ping"}') == {"return": {}}


def test_a_connection_that_was_left_in_the_middle_of_a_request(agent: Agent) -> None:
    """libvirtd died in the middle of a request: the half may void the first resync, the second must be answered."""
    with agent.connect() as peer:
        peer.send(b'{"execute":"guest-fi')
    with agent.connect() as peer:
        for number in (11, 12, 13):
            peer.send(b'{"execute":"guest-sync","arguments":{"id":%d}}\n' % number)
        while json.loads(peer.line()) != {"return": 13}:
            pass
        assert call(peer, b'{"execute":"guest-ping"}') == {"return": {}}

"""Hosts that misbehave: they do not read, leave in the middle, or send what is no request."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .agents import PATIENCE, SOURCE, Agent, command_of, running


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    with running(True, tmp_path) as agent:
        yield agent


def cpu_seconds(agent: Agent) -> float:
    fields = Path(f"/proc/{agent.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(agent: Agent, field: str = "VmRSS") -> float:
    for line in Path(f"/proc/{agent.process.pid}/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    raise LookupError(field)


def test_a_host_that_does_not_read_costs_no_cpu_and_does_not_block_sigterm(agent: Agent) -> None:
    with agent.connect() as peer:
        path = agent.path.parent / "large"
        path.write_bytes(bytes(4 << 20))
        handle = peer.value("guest-file-open", path=str(path))
        peer.send(b'{"execute":"guest-file-read","arguments":{"handle":%d,"count":4194304}}' % handle)
        time.sleep(0.3)  # the socket's buffer is full by now
        before = cpu_seconds(agent)
        time.sleep(1)
        assert cpu_seconds(agent) - before < 0.1
        agent.process.send_signal(signal.SIGTERM)
        assert agent.process.wait(PATIENCE) == 0


def test_a_host_that_leaves_with_an_answer_unread_ends_nothing(agent: Agent) -> None:
    for _ in range(20):
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(agent.path))
            line.sendall(b'{"execute":"guest-info"}' * 50)
    with agent.connect() as peer:
        assert peer.value("guest-sync", id=7) == 7
    assert agent.process.poll() is None


def test_an_unread_answer_does_not_reach_the_next_host(agent: Agent) -> None:
    path = agent.path.parent / "large"
    path.write_bytes(b"x" * (4 << 20))
    with agent.connect() as peer:
        handle = peer.value("guest-file-open", path=str(path))
        peer.send(b'{"execute":"guest-file-read","arguments":{"handle":%d,"count":4194304}}' % handle)
        peer.line_start = peer._socket.recv(1000)  # type: ignore[attr-defined]
    with agent.connect() as peer:
        assert peer.ask(b'{"execute":"guest-ping"}') == b'{"return": {}}'


@pytest.mark.parametrize(
    "garbage",
    [
        b"x" * 65536,
        b"\xff" * 65536,
        b"{" * 65536,
        b'{"a":"' + b"y" * 65530,
        b"\n \t" * 20000,
        b"9" * 65536,
        os.urandom(65536),
        b'{"execute":' * 6000,
        b'"' * 65536,
    ],
    ids=["letters", "ff", "braces", "string", "space", "digits", "random", "half requests", "quotes"],
)
def test_garbage_leaves_the_agent_small_and_answering(agent: Agent, garbage: bytes) -> None:
    with agent.connect() as peer:
        before = resident_mib(agent)
        peer._socket.settimeout(0.0)
        end = time.monotonic() + 2.0
        sent = 0
        while time.monotonic() < end and sent < 32 << 20:
            try:
                sent += peer._socket.send(garbage)
            except BlockingIOError:
                time.sleep(0.001)
            try:
                while peer._socket.recv(1 << 20):
                    pass
            except BlockingIOError:
                pass
        assert resident_mib(agent, "VmHWM") - before < 80  # one token may grow to QEMU's 64 MiB
        peer._socket.settimeout(PATIENCE)
        tail = b'\n"}\xff\xff\n{"execute":"guest-sync","arguments":{"id":77}}\n'
        peer.send(tail)
        while peer.line() != b'{"return": 77}':
            pass


def test_memory_comes_back_after_a_huge_token(agent: Agent) -> None:
    with agent.connect() as peer:
        peer.send(b'{"execute":"guest-ping","id":"' + b"x" * (63 << 20) + b'"}')
        assert len(peer.line()) > 63 << 20
    with agent.connect() as peer:
        peer.call("guest-ping")
        assert resident_mib(agent) < 40


def test_a_second_agent_on_the_same_socket_is_refused(agent: Agent, tmp_path: Path) -> None:
    command = [*command_of(True), "-m", "unix-listen", "-p", str(agent.path), "-t", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 1
    assert "another process listens there" in done.stderr
    assert done.stderr.count("\n") == 1
    with agent.connect() as peer:
        assert peer.call("guest-ping") == {"return": {}}


def test_programs_nobody_asks_for_leave_no_zombies(agent: Agent) -> None:
    with agent.connect() as peer:
        for _ in range(50):
            assert peer.value("guest-exec", path="/bin/true")["pid"]
            peer.call("guest-ping")
    end = time.monotonic() + PATIENCE
    while _all_children(agent):
        assert time.monotonic() < end
        time.sleep(0.02)


def _all_children(agent: Agent) -> str:
    tasks = Path(f"/proc/{agent.process.pid}/task").iterdir()
    return "".join((task / "children").read_text() for task in tasks)

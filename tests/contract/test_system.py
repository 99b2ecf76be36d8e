"""What the system is and does: the same members and values from both agents.

Commands that would change the machine (time, CPUs, memory, passwords, keys) are tested in real guests only.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from .agents import ORACLE, Agent, Peer, running


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Any:
    if not Path(ORACLE).exists():
        pytest.skip("qemu-ga is not installed: apt-get install qemu-guest-agent")
    with running(False, tmp_path_factory.mktemp("oracle")) as agent, agent.connect() as peer:
        yield peer


@pytest.mark.parametrize(
    "command",
    [
        "guest-get-osinfo",
        "guest-get-host-name",
        "guest-get-timezone",
        "guest-get-users",
        "guest-get-memory-block-info",
    ],
)
def test_the_same_answer(command: str, peer: Peer, oracle: Peer) -> None:
    assert peer.call(command) == oracle.call(command)


def by_text(entries: list[Any]) -> list[str]:
    return sorted(json.dumps(entry, sort_keys=True) for entry in entries)


@pytest.mark.parametrize("command", ["guest-get-vcpus", "guest-get-memory-blocks"])
def test_the_same_in_another_order(command: str, peer: Peer, oracle: Peer) -> None:
    """Ours come by number, the C agent's in the order of a folder in /sys."""
    ours, theirs = peer.value(command), oracle.value(command)
    assert by_text(ours) == by_text(theirs)


def without_counters(value: Any) -> Any:
    """The same value with every counter, which goes on counting, replaced by its type."""
    if isinstance(value, dict):
        return {
            key: int if key in {"stats", "statistics"} else without_counters(val)
            for key, val in value.items()
        }
    return [without_counters(entry) for entry in value] if isinstance(value, list) else value


@pytest.mark.parametrize("command", ["guest-get-diskstats", "guest-network-get-interfaces"])
def test_the_same_but_for_counters(command: str, peer: Peer, oracle: Peer) -> None:
    ours, theirs = peer.value(command), oracle.value(command)
    assert without_counters(ours) == without_counters(theirs)
    for mine, other in zip(ours, theirs):
        for group in ("stats", "statistics"):
            assert set(mine.get(group, ())) == set(other.get(group, ()))


def test_cpu_times_lie_between(peer: Peer, oracle: Peer) -> None:
    before, ours, after = (each.value("guest-get-cpustats") for each in (oracle, peer, oracle))
    assert [set(cpu) for cpu in ours] == [set(cpu) for cpu in before]
    for low, mine, high in zip(before, ours, after):
        assert (mine["cpu"], mine["type"]) == (low["cpu"], "linux")
        for mode in ("user", "nice", "system", "softirq"):
            assert low[mode] <= mine[mode] <= high[mode]


def test_time_is_now_in_whole_microseconds(peer: Peer) -> None:
    before = time.time_ns() // 1000 * 1000
    now = peer.value("guest-get-time")
    assert before <= now <= time.time_ns()
    assert now % 1000 == 0


def test_load_and_routes(agent: Agent, peer: Peer) -> None:
    if not agent.ours and "error" in peer.call("guest-get-load"):
        return  # an oracle before QEMU 10.0
    assert set(peer.value("guest-get-load")) == {"load1m", "load5m", "load15m"}
    assert {route["version"] for route in peer.value("guest-network-get-route")} <= {4, 6}


@pytest.mark.parametrize("command", ["guest-ssh-get-authorized-keys"])
def test_unknown_user(command: str, peer: Peer) -> None:
    assert peer.error(command, username="nobody-here") == "failed to lookup user 'nobody-here': Success"

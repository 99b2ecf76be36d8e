"""`agent` runs every test of the suite four times: our agent in this process, as a process, behind the broker, and
QEMU's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .agents import ORACLE, Agent, Peer, behind_a_broker, in_this_process, running


@pytest.fixture(scope="session", params=["in memory", "guestwire-agent", "through the broker", "qemu-ga"])
def agent(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    if request.param == "in memory":
        with in_this_process(tmp_path_factory.mktemp("memory")) as agent:
            yield agent
        return
    ours = request.param != "qemu-ga"
    if not ours and not Path(ORACLE).exists():
        pytest.skip("qemu-ga is not installed: apt-get install qemu-guest-agent")
    with running(ours, tmp_path_factory.mktemp("agent")) as agent:
        if request.param != "through the broker":
            yield agent
            return
        with behind_a_broker(agent, tmp_path_factory.mktemp("broker")) as behind:
            yield behind


@pytest.fixture
def peer(agent: Agent) -> Iterator[Peer]:
    with agent.connect() as peer:
        yield peer

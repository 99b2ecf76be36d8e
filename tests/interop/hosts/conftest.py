"""Both agents, for the ways in which known hosts talk to them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.agents import Agent, running


@pytest.fixture(scope="module", params=[False, True], ids=["qemu-ga", "ours"])
def agent(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """QEMU's agent and ours, one after the other, with all that would change this machine blocked."""
    with running(request.param, tmp_path_factory.mktemp("agent")) as agent:
        yield agent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for the files that hosts read and write."""
    return tmp_path

"""Every command that the agent lists on Windows has its function, with the schema's parameters."""

from __future__ import annotations

import pytest

from guestwire.agent import platform, registry
from guestwire.agent.config import Config
from guestwire.agent.state import AgentState

ENTRIES = registry.build(Config(), AgentState(), platform.WINDOWS, platform.symbols(platform.WINDOWS))


@pytest.mark.parametrize("name", ENTRIES)
def test_the_function_fits(name: str) -> None:
    entry = ENTRIES[name]
    assert registry.mismatches(entry.command, entry.bare()) is None

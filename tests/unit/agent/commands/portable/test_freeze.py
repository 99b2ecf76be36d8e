from __future__ import annotations

from typing import Any

from guestwire.agent.commands.portable import freeze
from guestwire.agent.state import AgentState


class Freezer:
    def __init__(self) -> None:
        self.wanted: Any = "never called"

    def status(self) -> str:
        return "thawed"

    def freeze(self, wanted: Any = None) -> int:
        self.wanted = wanted
        return 7

    def thaw(self) -> int:
        return 5


def test_the_commands_hand_over_to_the_freezer() -> None:
    agent = AgentState()
    freezer = Freezer()
    agent.freezer = freezer  # type: ignore[assignment]
    assert freeze.guest_fsfreeze_status(agent) == "thawed"
    assert freeze.guest_fsfreeze_thaw(agent) == 5
    assert freeze.guest_fsfreeze_freeze(agent) == 7
    assert freezer.wanted is None
    assert freeze.guest_fsfreeze_freeze_list(agent) == 7
    assert freezer.wanted is None
    freeze.guest_fsfreeze_freeze_list(agent, [])
    assert freezer.wanted == set()
    freeze.guest_fsfreeze_freeze_list(agent, ["/mnt/ü"])
    assert freezer.wanted == {"/mnt/ü".encode()}

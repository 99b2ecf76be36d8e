from __future__ import annotations

from collections.abc import Callable

import pytest

from guestwire.agent.commands.linux import power
from guestwire.agent.log import Log
from guestwire.agent.state import AgentState
from guestwire.errors import CommandError


@pytest.fixture
def agent() -> AgentState:
    state = AgentState()
    state.root = "/root-of-the-test"
    state.log = Log()
    return state


@pytest.mark.parametrize(
    ("mode", "expected"),
    [(None, "powerdown"), ("powerdown", "powerdown"), ("halt", "halt"), ("reboot", "reboot")],
)
def test_shutdown(
    agent: AgentState, mode: str | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, str]] = []
    monkeypatch.setattr(power.power, "shut_down", lambda *arguments: calls.append(arguments))
    power.guest_shutdown(agent, mode)
    assert calls == [("/root-of-the-test", expected)]


@pytest.mark.parametrize("mode", ["", "off", "Halt"])
def test_an_invalid_mode(agent: AgentState, mode: str) -> None:
    with pytest.raises(CommandError) as raised:
        power.guest_shutdown(agent, mode)
    assert raised.value.desc == "mode is invalid (valid values are: halt|powerdown|reboot"


@pytest.mark.parametrize(
    ("command", "mode"),
    [
        (power.guest_suspend_disk, power.power.DISK),
        (power.guest_suspend_ram, power.power.RAM),
        (power.guest_suspend_hybrid, power.power.HYBRID),
    ],
)
def test_suspend(
    agent: AgentState,
    command: Callable[[AgentState], None],
    mode: power.power.Mode,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[tuple[str, object]] = []
    monkeypatch.setattr(power.power, "suspend", lambda *arguments: calls.append(arguments))
    command(agent)
    assert calls == [("/root-of-the-test", mode)]

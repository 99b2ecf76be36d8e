from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from guestwire.agent.commands.linux.cpu import guest_get_vcpus, guest_set_vcpus
from guestwire.errors import CommandError
from tests.unit.agent.trees import plant, state

if TYPE_CHECKING:
    from pathlib import Path

    from guestwire.agent.state import AgentState

FOLDER = "sys/devices/system/cpu"


@pytest.fixture
def agent(tmp_path: Path) -> AgentState:
    files: dict[str, str | bytes] = {f"{FOLDER}/online": "0-1\n", f"{FOLDER}/present": "0-1\n"}
    return state(plant(tmp_path, {**files, f"{FOLDER}/cpu0/": "", f"{FOLDER}/cpu1/online": "1\n"}))


def vcpu(number: int, online: bool) -> dict[str, Any]:
    return {"logical-id": number, "online": online}


def test_get(agent: AgentState) -> None:
    assert guest_get_vcpus(agent) == [
        {"logical-id": 0, "online": True, "can-offline": False},
        {"logical-id": 1, "online": True, "can-offline": True},
    ]


def test_set(agent: AgentState, tmp_path: Path) -> None:
    assert guest_set_vcpus(agent, [vcpu(1, False), vcpu(0, True)]) == 2
    assert (tmp_path / FOLDER / "cpu1/online").read_text() == "0\n"
    assert guest_set_vcpus(agent, []) == 0


def test_first_fails(agent: AgentState) -> None:
    with pytest.raises(CommandError, match=r"^logical processor #0 can't be offlined$"):
        guest_set_vcpus(agent, [vcpu(0, False), vcpu(1, False)])
    text = r"^Could not open '/sys/devices/system/cpu/cpu99/': No such file or directory$"
    with pytest.raises(CommandError, match=text):
        guest_set_vcpus(agent, [vcpu(99, True)])


def test_later_one_fails(agent: AgentState, tmp_path: Path) -> None:
    assert guest_set_vcpus(agent, [vcpu(1, True), vcpu(99, True), vcpu(1, False)]) == 1
    assert (tmp_path / FOLDER / "cpu1/online").read_text() == "1\n"


def test_kernel_refuses(agent: AgentState, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(os, "pwrite", refuse)
    with pytest.raises(CommandError, match=r"pwrite\(\"/sys/.*/cpu1/online\"\): Device or resource busy"):
        guest_set_vcpus(agent, [vcpu(1, False)])

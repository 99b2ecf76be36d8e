from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from guestwire.agent.commands.linux import memory
from guestwire.errors import CommandError
from tests.unit.agent.trees import plant, state

if TYPE_CHECKING:
    from pathlib import Path

    from guestwire.agent.state import AgentState

FOLDER = "sys/devices/system/memory"


@pytest.fixture
def agent(tmp_path: Path) -> AgentState:
    files: dict[str, str | bytes] = {
        f"{FOLDER}/block_size_bytes": "8000000\n",
        f"{FOLDER}/memory1/state": "online\n",
        f"{FOLDER}/memory1/removable": "1\n",
        f"{FOLDER}/memory4/": "",
    }
    return state(plant(tmp_path, files))


def set_block(agent: AgentState, index: int, online: bool) -> dict[str, Any]:
    (result,) = memory.guest_set_memory_blocks(agent, [{"phys-index": index, "online": online}])
    return result


def test_info(agent: AgentState, tmp_path: Path) -> None:
    assert memory.guest_get_memory_block_info(agent) == {"size": 134217728}
    with pytest.raises(CommandError, match=r"^Could not open '/sys/devices/system/memory/': No such file"):
        memory.guest_get_memory_block_info(state(tmp_path / "none"))


def test_get(agent: AgentState) -> None:
    assert memory.guest_get_memory_blocks(agent) == [
        {"phys-index": 1, "online": True, "can-offline": True},
        {"phys-index": 4, "online": True, "can-offline": False},
    ]


def test_outcomes(agent: AgentState, monkeypatch: pytest.MonkeyPatch) -> None:
    assert memory.guest_set_memory_blocks(agent, []) == []
    assert set_block(agent, 1, True) == {"phys-index": 1, "response": "success"}
    assert set_block(agent, 4, True) == {"phys-index": 4, "response": "success"}
    unsupported = {"phys-index": 4, "response": "operation-not-supported", "error-code": 2}
    assert set_block(agent, 4, False) == unsupported
    assert set_block(agent, 9999, False) == {"phys-index": 9999, "response": "not-found", "error-code": 2}

    def refuse(*_: object) -> int:
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(os, "pwrite", refuse)
    assert set_block(agent, 1, False) == {"phys-index": 1, "response": "operation-failed", "error-code": 16}


def test_one_failure_does_not_end_the_work(agent: AgentState) -> None:
    blocks = [{"phys-index": 9, "online": False}, {"phys-index": 1, "online": False}]
    results = memory.guest_set_memory_blocks(agent, blocks)
    assert [result["response"] for result in results] == ["not-found", "success"]
    assert memory.guest_get_memory_blocks(agent)[0]["online"] is False

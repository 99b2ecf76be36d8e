from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from guestwire.agent.system.linux.memory import block_size, list_blocks, set_online
from tests.unit.agent.trees import plant

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "sys/devices/system/memory"


@pytest.fixture
def root(tmp_path: Path) -> str:
    return str(
        plant(
            tmp_path,
            {
                f"{FOLDER}/block_size_bytes": "8000000\n",
                f"{FOLDER}/memory10/state": "offline\n",
                f"{FOLDER}/memory10/removable": "0\n",
                f"{FOLDER}/memory2/state": "online\n",
                f"{FOLDER}/memory2/removable": "1\n",
                f"{FOLDER}/memory3/state": "online\n",
                f"{FOLDER}/memory4/": "",
                f"{FOLDER}/power/": "",
            },
        )
    )


def test_block_size(root: str, tmp_path: Path) -> None:
    assert block_size(root) == 128 * 1024 * 1024
    with pytest.raises(FileNotFoundError):
        block_size(str(tmp_path / "none"))


def test_list(root: str, tmp_path: Path) -> None:
    assert list_blocks(root) == [(2, True, True), (3, True, False), (4, True, False), (10, False, False)]
    assert list_blocks(str(tmp_path / "none")) == []


def test_block_unplugged_meanwhile(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [*os.listdir(os.path.join(root, FOLDER)), "memory77"]
    monkeypatch.setattr(os, "listdir", lambda _: names)
    assert [index for index, *_ in list_blocks(root)] == [2, 3, 4, 10]


def test_set(root: str, tmp_path: Path) -> None:
    assert set_online(root, 2, False)
    assert (tmp_path / FOLDER / "memory2/state").read_text().startswith("offline")
    assert not set_online(root, 4, False)
    with pytest.raises(FileNotFoundError):
        set_online(root, 99, True)

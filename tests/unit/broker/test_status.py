from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from guestwire.broker import status
from guestwire.broker.status import StatusFile

from .fakes import until


def seen() -> dict[str, Any]:
    return {"guests": {"a": {"lease": None}, "b": {"lease": {"owner": "uid 5"}}}}


def test_it_is_written_whole_and_only_for_reading(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        file = StatusFile(tmp_path / "status.json", seen)
        file.write()
        file.write()
    finally:
        os.umask(old)
    assert json.loads((tmp_path / "status.json").read_text()) == seen()
    assert (tmp_path / "status.json").stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["status.json"]
    assert file.trouble == ""


async def test_many_changes_are_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "_PAUSE", 0.02)
    asked = []
    file = StatusFile(tmp_path / "status.json", lambda: asked.append(1) or {})  # type: ignore[func-returns-value]
    for _ in range(50):
        file.touch()
    assert not asked
    await until(lambda: asked)
    await asyncio.sleep(0.05)
    assert len(asked) == 1
    file.touch()
    await until(lambda: len(asked) == 2)


async def test_to_write_at_once_takes_the_place_of_the_later_time(tmp_path: Path) -> None:
    asked = []
    file = StatusFile(tmp_path / "status.json", lambda: asked.append(1) or {})  # type: ignore[func-returns-value]
    file.touch()
    file.write()
    assert file._alarm is None
    assert len(asked) == 1


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "status.new").symlink_to(victim)
    StatusFile(tmp_path / "status.json", seen).write()
    assert victim.read_text() == "mine"
    assert not (tmp_path / "status.json").is_symlink()


def test_a_disk_that_does_not_take_it_is_said_and_then_forgotten(tmp_path: Path) -> None:
    file = StatusFile(tmp_path / "run" / "status.json", seen)
    file.write()
    assert file.trouble == f"{tmp_path}/run/status.json: No such file or directory"
    (tmp_path / "run").mkdir()
    file.write()
    assert file.trouble == ""


def test_what_an_earlier_one_left_frozen(tmp_path: Path) -> None:
    file = StatusFile(tmp_path / "status.json", seen)
    assert file.frozen() == set()
    file.write()
    assert file.frozen() == {"b"}


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{}", b'{"guests": []}', b'{"guests": {"a": 7}}', b'{"guests": {"a": {}}}', b"\xff"]
)
def test_a_file_that_is_none_of_ours_says_nothing(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "status.json").write_bytes(text)
    assert StatusFile(tmp_path / "status.json", seen).frozen() == set()


async def test_it_goes_with_the_broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "_PAUSE", 0.01)
    file = StatusFile(tmp_path / "status.json", seen)
    file.write()
    file.touch()
    file.remove()
    await asyncio.sleep(0.03)
    assert os.listdir(tmp_path) == []

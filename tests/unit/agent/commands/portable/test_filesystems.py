from __future__ import annotations

import os
from pathlib import Path

import pytest

from guestwire.agent.commands.portable.filesystems import guest_get_statvfs
from guestwire.errors import CommandError


def test_all_members(tmp_path: Path) -> None:
    answer = guest_get_statvfs(str(tmp_path))
    status = os.statvfs(tmp_path)
    assert len(answer) == 11
    assert answer["f_bsize"] == status.f_bsize
    assert answer["f_blocks"] == status.f_blocks
    assert all(type(value) is int for value in answer.values())


def test_a_path_that_is_not_there() -> None:
    with pytest.raises(
        CommandError, match=r"^failed to get the statistics of '/nowhere': No such file or directory$"
    ):
        guest_get_statvfs("/nowhere")

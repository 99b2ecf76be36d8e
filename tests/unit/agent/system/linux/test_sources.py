from __future__ import annotations

import os
from pathlib import Path

import pytest

from guestwire.agent.system.linux import sources as module
from guestwire.agent.system.linux.sources import sources_of, statistics
from tests.unit.agent.trees import plant, state

MOUNTS = "22 1 254:1 / / rw - {kind} /dev/vda1 rw\n23 22 254:2 / /gone rw - {kind} /dev/vda2 rw\n"


@pytest.mark.parametrize("kind", ["ext4", "xfs"])
def test_a_filesystem_that_is_gone_hides_no_other(tmp_path: Path, kind: str) -> None:
    agent = state(plant(tmp_path, {"proc/self/mountinfo": MOUNTS.format(kind=kind)}))
    sources = sources_of(agent)
    assert sources_of(agent) is sources
    found, gone = statistics(agent.root, sources, sources.mounts.filesystems())
    assert isinstance(found, os.statvfs_result)
    assert isinstance(gone, FileNotFoundError)
    sources.mounts.close()
    sources.disks.close()
    del module._sources[agent.root]

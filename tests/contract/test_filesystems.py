"""guest-get-fsinfo, -disks and the state of a freeze: what one agent answers, the other answers too.

Freezing, trimming and suspending are tested in real guests only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .agents import ORACLE, Agent, Peer, running


@pytest.fixture
def oracle(tmp_path: Path) -> Any:
    if not Path(ORACLE).exists():
        pytest.skip("qemu-ga is not installed: apt-get install qemu-guest-agent")
    with running(False, tmp_path) as agent, agent.connect() as peer:
        yield peer


def lasting(info: dict[str, Any]) -> dict[str, Any]:
    """Without the sizes that change from call to call, and what older oracles lack."""
    return {key: value for key, value in info.items() if not key.endswith(("-bytes", "-privileged", "smart"))}


def test_the_same_disks(peer: Peer, oracle: Peer) -> None:
    ours, theirs = peer.value("guest-get-disks"), oracle.value("guest-get-disks")
    assert list(map(lasting, ours)) == list(map(lasting, theirs))


def test_the_same_filesystems(peer: Peer, oracle: Peer) -> None:
    """Version 7.2 lists a filesystem once more for each bind mount of it, later versions and ours do not."""
    ours, theirs = peer.value("guest-get-fsinfo"), oracle.value("guest-get-fsinfo")
    places = [info["mountpoint"] for info in ours]
    assert list(map(lasting, ours)) == [lasting(info) for info in theirs if info["mountpoint"] in places]
    for info in ours:
        assert info["total-bytes"] >= info["used-bytes"]


def test_thawed(peer: Peer) -> None:
    assert peer.value("guest-fsfreeze-status") == "thawed"


def test_statvfs_is_ours_alone(agent: Agent, peer: Peer) -> None:
    answer = peer.call("guest-get-statvfs", path="/")
    assert ("return" in answer) == agent.ours

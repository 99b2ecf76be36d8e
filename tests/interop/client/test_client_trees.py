"""Folders through real agents, ours and QEMU's, both ways and by both clients."""

import asyncio
import filecmp
import os

import pytest
from tests.contract.agents import running

from guestwire.client import AsyncGuestAgent, GuestAgent
from guestwire.errors import CommandDisabled

OURS = pytest.mark.parametrize("ours", [True, False], ids=["ours", "qemu-ga"])


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    (folder / "sub" / "deep").mkdir(parents=True)
    for number in range(20):
        (folder / "sub" / f"file {number}").write_bytes(os.urandom(1000 * number))
    (folder / "sub" / "deep" / "big").write_bytes(os.urandom(3_000_000))
    (folder / "sub" / "new\nline").write_bytes(b"x")
    (folder / "-n").write_bytes(b"dash")
    (folder / "sub").chmod(0o710)
    (folder / "-n").chmod(0o604)
    return folder


def same(one, other):
    compared = filecmp.dircmp(one, other)
    waiting = [compared]
    while waiting:
        here = waiting.pop()
        assert not here.left_only + here.right_only + here.diff_files + here.funny_files
        for name in here.common:
            modes = {os.stat(os.path.join(side, name)).st_mode for side in (here.left, here.right)}
            assert len(modes) == 1, name
        waiting += here.subdirs.values()
    return True


@OURS
def test_there_and_back(ours, tmp_path, source):
    with running(ours, tmp_path) as there, GuestAgent(f"unix:{there.path}") as agent:
        sent = agent.copy_tree_to(source, str(tmp_path / "there"), checksum=True)
        assert (sent.files, sent.folders, sent.skipped) == (23, 3, [])
        fetched = agent.copy_tree_from(str(tmp_path / "there"), tmp_path / "back", checksum=True)
        assert (fetched.files, fetched.folders, fetched.size, fetched.skipped) == (23, 3, sent.size, [])
        assert same(source, tmp_path / "there")
        assert same(source, tmp_path / "back")
        assert agent.copy_tree_to(source, str(tmp_path / "there"), resume=True).resumed == 23
        assert agent.copy_tree_from(str(tmp_path / "there"), tmp_path / "back", resume=True).resumed == 23


@OURS
def test_there_and_back_on_an_event_loop(ours, tmp_path, source):
    async def copy(address):
        async with AsyncGuestAgent(address) as agent:
            await agent.copy_tree_to(source, str(tmp_path / "there"))
            await agent.copy_tree_from(str(tmp_path / "there"), tmp_path / "back")

    with running(ours, tmp_path) as there:
        asyncio.run(copy(f"unix:{there.path}"))
    assert same(source, tmp_path / "back")


@OURS
def test_a_policy_without_programs(ours, tmp_path, source):
    blocking = running(ours, tmp_path, "-b", "guest-exec", block=False)
    with blocking as there, GuestAgent(f"unix:{there.path}") as agent:
        with pytest.raises(CommandDisabled, match="its policy forbids guest-exec"):
            agent.copy_tree_from(str(source), tmp_path / "back")
        with pytest.raises(CommandDisabled, match="its policy forbids guest-exec"):
            agent.copy_tree_to(source, str(tmp_path / "there"))

import shutil

import pytest

from guestwire.client import AsyncGuestAgent
from guestwire.daemon.channels import Channels
from guestwire.errors import ChannelClosed
from guestwire.monitor.targets import Target
from guestwire.web.roles import Role
from guestwire.web.routes import Caller
from tests.contract.agents import ORACLE, running

ALICE = Caller("alice", Role.OPERATOR)


@pytest.mark.parametrize("ours", [True, False], ids=["ours", "qemu-ga"])
async def test_polls_and_work_share_a_channel(tmp_path, ours):
    if not ours and not shutil.which(ORACLE):
        pytest.skip("qemu-ga is not installed")
    channels = Channels()
    with running(ours, tmp_path) as agent:
        target = Target("u-1", "web1", f"unix:{agent.path}")
        await channels.add(target)
        polls = channels.for_polls(target)
        assert await polls.execute("guest-ping") == {}
        async with channels.for_work(target, ALICE) as work:
            done = await work.run(["/bin/echo", "hi"])
            assert done.stdout == b"hi\n"
            assert await polls.execute("guest-ping") == {}
        await channels.close()


async def test_names_that_cannot_be_used_and_names_twice(tmp_path):
    channels = Channels()
    for identity, name in (("u-1", "web"), ("u-2", "web"), ("a/b", "a/b"), ("u-3", ".hidden")):
        await channels.add(Target(identity, name, f"unix:{tmp_path}/none"))
    assert set(channels.broker.states()) == {"web", "u-2", "a_b", "u-3"}
    await channels.remove("u-1")
    assert set(channels.broker.states()) == {"u-2", "a_b", "u-3"}
    await channels.remove("u-1")
    await channels.close()


async def test_an_agent_that_moved_and_one_without_a_channel(tmp_path):
    channels = Channels()
    await channels.add(Target("u-1", "web", f"unix:{tmp_path}/a"))
    await channels.move(Target("u-1", "web", f"unix:{tmp_path}/b"))
    assert channels.broker.states()["web"]["address"].endswith("/b")
    await channels.move(Target("u-1", "web", ""))
    assert channels.broker.states() == {}
    async with channels.for_work(Target("u-1", "web", ""), ALICE) as agent:
        with pytest.raises(ChannelClosed):
            await agent.execute("guest-ping")
    await channels.close()


async def test_an_address_that_makes_no_sense_is_logged(caplog):
    channels = Channels()
    await channels.add(Target("u-1", "web", "nonsense:"))
    assert channels.broker.states() == {}
    assert "nonsense" in caplog.text
    await channels.close()


async def test_other_programs_share_the_channel_through_a_socket(tmp_path):
    run_dir = tmp_path / "run"
    first, second = Channels(run_dir), Channels(run_dir)
    with running(True, tmp_path) as agent:
        target = Target("u-1", "web1", f"unix:{agent.path}")
        await first.open()
        await second.open()
        assert (first.run_dir, second.run_dir) == (run_dir, None), "the folder has one broker"
        await first.add(target)
        await second.add(Target("u-1", "web1", f"unix:{run_dir}/guests/web1.sock"))
        assert await second.for_polls(target).execute("guest-ping") == {}
        async with AsyncGuestAgent(f"unix:{run_dir}/guests/web1.sock") as guest:
            assert await guest.guest_ping() is None
        await second.close()
        await first.close()
    assert not (run_dir / "guests" / "web1.sock").exists()

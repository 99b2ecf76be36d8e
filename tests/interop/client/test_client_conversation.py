"""Both clients against QEMU's agent."""

import asyncio
import hashlib
import os
import time

import pytest

from guestwire.client import AsyncGuestAgent, GuestAgent
from guestwire.errors import ChannelClosed, CommandDisabled, CommandError, CommandNotFound, GuestTimeout

DATA = os.urandom(5_000_000)


def test_a_day_in_a_guests_life(agent_on_unix, tmp_path):
    address, _ = agent_on_unix()
    (tmp_path / "host").write_bytes(DATA)
    there = str(tmp_path / "guest")
    with GuestAgent(address) as agent:
        assert "guest-exec" in agent.wait_ready(needs=["guest-file-read"])
        assert agent.execute("guest-ping") == {}
        assert (
            agent.copy_to(tmp_path / "host", there, checksum=True).sha256 == hashlib.sha256(DATA).hexdigest()
        )
        assert agent.read_file(there) == DATA
        assert agent.copy_from(there, tmp_path / "back").size == len(DATA)
        done = agent.run(["sh", "-c", "cat; echo $A >&2; exit 3"], input=b"in\0", env={"A": "b"})
        assert (done.returncode, done.stdout, done.stderr) == (3, b"in\0", b"b\n")
        assert agent.run(["sh", "-c", "kill -9 $$"]).signal == 9
    assert (tmp_path / "back").read_bytes() == DATA


def test_the_same_on_an_event_loop(agent_on_unix, tmp_path):
    address, _ = agent_on_unix()
    there = str(tmp_path / "guest")

    async def day():
        async with AsyncGuestAgent(address) as agent:
            await agent.wait_ready()
            await agent.write_file(there, DATA)
            assert await agent.read_file(there) == DATA
            results = await asyncio.gather(
                agent.run(["sleep", "0.05"]), *[agent.execute("guest-get-host-name") for _ in range(20)]
            )
            assert results[0].returncode == 0
            assert {tuple(each) for each in results[1:]} == {("host-name",)}
            async with agent.open(there, "r+b") as file:
                await file.seek(10)
                await file.write(b"abc")
                await file.flush()
                await file.seek(9)
                assert await file.read(5) == DATA[9:10] + b"abc" + DATA[13:14]
                await file.seek(-4, os.SEEK_END)
                assert await file.read() == DATA[-4:]

    asyncio.run(day())


def test_files_are_python_files(agent_on_unix, tmp_path):
    address, _ = agent_on_unix()
    path = str(tmp_path / "guest")
    with GuestAgent(address) as agent:
        with agent.open(path, "w") as file:
            file.write("one\ntwo\nthrée\n")
        with agent.open(path) as file:
            assert list(file) == ["one\n", "two\n", "thrée\n"]
        with agent.open(path, "ab") as file:
            file.write(b"end")
        with agent.open(path, "rb") as file:
            assert file.seek(-3, os.SEEK_END) == 15
            assert file.read() == b"end"
            file.seek(0)
            assert file.readline() == b"one\n"
        with agent.open(path, "r+b") as file:
            assert file.read(4) == b"one\n"
            file.write(b"TWO\n")
            file.seek(0)
            assert file.read(8) == b"one\nTWO\n"
        with pytest.raises(CommandError, match=r"Is a directory|No such file"):
            agent.open(str(tmp_path)).read()


def test_policy_is_named(agent_on_unix):
    address, _ = agent_on_unix("-b", "guest-exec")
    with GuestAgent(address) as agent:
        with pytest.raises(CommandDisabled):
            agent.run(["true"])
        with pytest.raises(CommandDisabled):
            agent.wait_ready(needs=["guest-exec"])
        with pytest.raises(CommandNotFound):
            agent.execute("guest-nonsense")


@pytest.mark.parametrize("blocked", ["guest-sync-delimited", "guest-sync-delimited,guest-sync"])
def test_a_policy_that_forbids_to_resync(agent_on_unix, blocked):
    address, _ = agent_on_unix("-b", blocked)
    with GuestAgent(address) as agent:
        assert "host-name" in agent.execute("guest-get-host-name")


def test_a_second_client_hears_that_it_waits(agent_on_unix):
    address, _ = agent_on_unix()
    with GuestAgent(address) as first, GuestAgent(address, timeout=0.3) as second:
        first.execute("guest-ping")
        with pytest.raises(GuestTimeout, match="busy with another client"):
            second.execute("guest-ping")
        first.close()
        assert second.execute("guest-ping", timeout=10) == {}


def test_a_stopped_agent_is_silent_and_its_late_answers_are_dropped(agent_on_unix):
    address, child = agent_on_unix()
    with GuestAgent(address) as agent:
        agent.execute("guest-ping")
        child.send_signal(19)
        with pytest.raises(GuestTimeout, match="no answer in time"):
            agent.execute("guest-get-host-name", timeout=0.2)
        child.send_signal(18)
        assert isinstance(agent.execute("guest-get-time"), int)


def test_a_dead_agent_is_a_closed_channel(agent_on_unix):
    address, child = agent_on_unix()
    with GuestAgent(address) as agent:
        agent.execute("guest-ping")
        child.kill()
        child.wait()
        with pytest.raises(ChannelClosed):
            agent.execute("guest-ping")
        with pytest.raises(ChannelClosed, match="nothing listens"):
            agent.execute("guest-ping")


def test_a_run_that_takes_too_long(agent_on_unix):
    address, _ = agent_on_unix()
    with GuestAgent(address) as agent:
        began = time.monotonic()
        with pytest.raises(GuestTimeout, match="sleep still runs as pid"):
            agent.run(["sleep", "60"], timeout=0.2)
        assert time.monotonic() - began < 30
        agent.run(
            ["pkill", "-P", str(agent.run(["sh", "-c", "echo $PPID"]).stdout.decode().strip()), "sleep"]
        )

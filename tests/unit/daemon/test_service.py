import asyncio
import os
import signal
from dataclasses import replace

import aiohttp
import pytest

from guestwire.daemon.config import Broker, Config
from guestwire.daemon.service import Service
from guestwire.errors import ConfigError, StartError
from tests.contract.agents import running


@pytest.fixture
def config(tmp_path):
    return Config(
        listen=("127.0.0.1", 0), data_dir=tmp_path / "data", interval=1.0, discover=False, broker=Broker(None)
    )


class Started:
    """A service in this process; `ask` gives a path's status and text."""

    def __init__(self, config):
        self.config = config
        self.service = Service(config, self._reread)

    def _reread(self):
        if isinstance(self.config, Exception):
            raise self.config
        return self.config

    async def __aenter__(self):
        self.task = asyncio.ensure_future(self.service.run())
        await until(lambda: self.service.port or self.task.done())
        return self

    async def __aexit__(self, *_):
        self.service.stop.set()
        await self.task

    async def ask(self, path):
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self.service.port}{path}") as answer,
        ):
            return answer.status, await answer.text()

    def watched(self):
        return {watcher.target.name for watcher in self.service.poller.watchers}


async def until(true):
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.02)


async def test_a_guest_is_watched_until_the_end(config, tmp_path):
    with running(True, tmp_path) as agent:
        async with Started(replace(config, guests={"web": f"unix:{agent.path}"})) as started:
            assert (await started.ask("/healthz"))[0] == 200
            latest = started.service.monitor.store.latest
            await until(lambda: ("node_load1", ()) in latest("web"))
            assert "node_load1" in (await started.ask("/guests/web/metrics"))[1]
    assert (tmp_path / "data" / "history.db").exists()


async def test_a_hangup_changes_guests_and_a_mistake_changes_nothing(config, tmp_path):
    async with Started(replace(config, guests={"a": f"unix:{tmp_path}/a"})) as started:
        await until(lambda: started.watched() == {"a"})
        started.config = replace(config, guests={"a": f"unix:{tmp_path}/other", "b": f"unix:{tmp_path}/b"})
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: started.watched() == {"a", "b"})
        started.config = ConfigError("no")
        await started.service.reload()
        assert started.watched() == {"a", "b"}
        started.config = config
        await started.service.reload()
        assert started.watched() == set()


async def test_a_port_that_is_taken_is_said(config):
    async with Started(config) as started:
        taken = replace(config, listen=("127.0.0.1", started.service.port), data_dir=config.data_dir / "2")
        with pytest.raises(StartError, match="cannot listen on"):
            await Service(taken, lambda: taken).run()


def test_other_machines_need_users(config):
    with pytest.raises(ConfigError):
        Service(replace(config, listen=("0.0.0.0", 0)), lambda: config)


async def test_the_watchdog_hears_that_the_loop_turns(config, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "40000")
    async with Started(config) as started:
        told = []
        monkeypatch.setattr(started.service._notifier, "tell", told.append)
        await until(lambda: "WATCHDOG=1" in told)

"""One daemon, many guests, some of them silent, slow, flapping, lying or enormous: the others notice nothing."""

import asyncio
import json
import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from tests.interop.monitor.conftest import get, get_json, until

from .test_serve import Daemon

GOOD = 40
FAULTS = ("silent", "slow", "flapping", "lying", "enormous")
EACH = 4
NAMES = ("guest-info", "guest-ping", "guestwire-get-metrics")
LOAD = {"load1m": 0.5, "load5m": 0.25, "load15m": 0.125}
LIES = {
    "load": {"load1m": 1e308 * 10, "load5m": "much", "load15m": None},
    "memory": [1, 2, 3],
    "cpus": [{"cpu": -1, "user": True}, "x", {"cpu": {}}],
    "filesystems": [{"mountpoint": 'a"\n\\{}', "source": "\x1b[31m", "type": None, "total-bytes": -5}],
    "kernel": {"boot-time": 1e300},
    "users": {"user": "root"},
}
ENORMOUS = {
    "load": LOAD,
    "filesystems": [
        {"mountpoint": f"/{'m' * 500}{n}", "source": "s" * 500, "type": "ext4", "total-bytes": n, "free-bytes": 0,
         "available-bytes": 0, "read-only": False}
        for n in range(5000)
    ],
}  # fmt: skip


class Fleet:
    """Simulated agents in a thread of their own."""

    def __init__(self, folder):
        self.folder = folder
        self.guests = {f"good-{n}": "good" for n in range(GOOD)}
        self.guests |= {f"{fault}-{n}": fault for fault in FAULTS for n in range(EACH)}
        self.loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._ready.wait(20)

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._serve())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    async def _serve(self):
        self._end = asyncio.Event()
        servers = [
            await asyncio.start_unix_server(self._agent(kind), str(self.folder / f"{name}.sock"))
            for name, kind in self.guests.items()
        ]
        self._ready.set()
        await self._end.wait()
        for server in servers:
            server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _agent(self, kind):
        async def serve(reader, writer):
            try:
                await self._talk(kind, reader, writer)
            except OSError:
                pass
            finally:
                writer.close()

        return serve

    async def _talk(self, kind, reader, writer):
        asked = 0
        while line := await reader.readline():
            request = json.loads(line.replace(b"\xff", b"") or b"{}")
            asked += 1
            if kind == "silent":
                continue
            if kind == "flapping" and asked > 3:
                return
            if kind == "slow" and request.get("execute", "").startswith("guestwire"):
                await asyncio.sleep(3)
            if request.get("execute", "").startswith("guest-sync"):
                writer.write(b"\xff")
            writer.write(json.dumps({"return": self._value(kind, request)}).encode() + b"\n")
            await writer.drain()

    @staticmethod
    def _value(kind, request):
        name = request.get("execute", "")
        if name.startswith("guest-sync"):
            return request["arguments"]["id"]
        if name == "guest-info":
            return {"version": "9", "supported_commands": [{"name": n, "enabled": True} for n in NAMES]}
        if name == "guestwire-get-metrics":
            return {"lying": LIES, "enormous": ENORMOUS}.get(kind, {"load": LOAD})
        return {}

    def close(self):
        self.loop.call_soon_threadsafe(self._end.set)
        self._thread.join(20)


@pytest.fixture
def fleet(tmp_path):
    made = Fleet(tmp_path)
    yield made
    made.close()


@pytest.fixture
def daemon(fleet, tmp_path):
    words = [f"--guest={name}=unix:{tmp_path}/{name}.sock" for name in fleet.guests]
    made = Daemon(tmp_path, *words)
    yield made
    if made.process.poll() is None:
        made.end()


def counts(text, name):
    """A self-metric by guest."""
    found = re.findall(rf'^{name}{{guest="([^"]+)"}} (\S+)$', text, re.MULTILINE)
    return {guest: float(value) for guest, value in found}


def test_the_others_notice_nothing(daemon):
    def enough():
        text = get(f"{daemon.url}/metrics")
        polls = counts(text, "guestwire_polls_total")
        return text if min(polls.get(f"good-{n}", 0) for n in range(GOOD)) >= 8 else None

    text = until(enough, 90)
    failures, up = (counts(text, name) for name in ("guestwire_poll_failures_total", "guestwire_guest_up"))
    good = [name for name in up if name.startswith("good-")]
    assert len(good) == GOOD
    assert {name for name in good if not up[name] or failures[name] > 1} == set()
    assert {up[name] for name in up if name.startswith("silent-")} == {0.0}
    load = counts(text, "node_load1")
    assert set(good) <= set(load)
    assert not [name for name in load if name.startswith("lying-")], "a lie is unknown, not a figure"
    pages = int(Path(f"/proc/{daemon.process.pid}/statm").read_text().split()[1])
    assert pages * 4096 < 300 << 20
    for name in ("enormous-0", "lying-0"):
        listed = get_json(f"{daemon.url}/api/v1/guests/{name}/series?limit=1000")["series"]
        assert len(listed) <= 1000
    promtool = shutil.which("promtool")
    if promtool:
        said = subprocess.run(
            [promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False
        )
        assert "error while linting" not in said.stderr

"""The texts of docs/howto/own-metric.md, run: the pack in a real agent, the collector file, the rule."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from guestwire.client import AsyncGuestAgent
from guestwire.monitor.collectors import custom
from guestwire.monitor.ladder import Ladder
from guestwire.monitor.rules.load import update
from guestwire.monitor.samples import Poll

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "howto" / "own-metric.md").read_text()


def block(language: str, number: int = 0) -> str:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)[number]  # type: ignore[no-any-return]


@pytest.fixture
def socket(tmp_path):
    folder = tmp_path / "commands"
    folder.mkdir(mode=0o755)
    (folder / "mail.json").write_text(block("json"))
    mail = tmp_path / "spool"
    mail.mkdir()
    (mail / "one").touch()
    (folder / "mail.py").write_text(block("python").replace("/var/spool/mail", str(mail)))
    path = tmp_path / "s"
    words = ["-m", "unix-listen", "-p", str(path), "-t", str(tmp_path), "--commands-dir", str(folder)]
    agent = subprocess.Popen(
        [sys.executable, "-m", "guestwire.agent", *words], env={"PYTHONPATH": str(ROOT / "src")}
    )
    deadline = time.monotonic() + 20
    while not path.exists():
        assert agent.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    yield path
    agent.terminate()
    agent.wait(20)


def poll(path, sections):
    async def ask():
        async with AsyncGuestAgent(f"unix:{path}") as agent:
            found = Poll("u", 0.0, [])
            await Ladder(agent, sections).collect(found)
            return found

    return asyncio.run(ask())


def test_five_lines_in_the_agent(socket):
    lines = block("json") + block("python")
    assert len([line for line in lines.splitlines() if line]) == 5
    found = poll(socket, ())
    assert [tuple(sample) for sample in found.samples] == [("mail_queue_length", (("queue", "spool"),), 1.0)]
    assert found.sources == {"mail_queue_length": "custom"}


def test_one_file_on_the_host(socket, tmp_path):
    file = tmp_path / "entropy.py"
    file.write_text(block("python", 1))
    found = poll(socket, custom.load([file]))
    by_name = {sample.name: sample.value for sample in found.samples}
    assert by_name["site_entropy_bits"] > 0


def test_the_rule():
    rules = {}
    update(rules, block("toml", 1), "page")
    assert set(rules) == {"MailQueueLong"}

"""The pack of docs/howto/add-a-command.md, offered by a real agent."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "howto" / "add-a-command.md").read_text()
PATIENCE = 20.0


def block(language: str, number: int = 0) -> str:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)[number]  # type: ignore[no-any-return]


def start(tmp_path: Path, *options: str) -> subprocess.Popen[str]:
    words = ["-m", "unix-listen", "-p", str(tmp_path / "s"), "-t", str(tmp_path), "-f", str(tmp_path / "pid")]
    return subprocess.Popen(
        [sys.executable, "-m", "guestwire.agent", *words, *options],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "commands"
    made.mkdir(mode=0o755)
    (made / "room.json").write_text(block("json"))
    (made / "room.py").write_text(block("python"))
    return made


@pytest.fixture
def line(tmp_path: Path, folder: Path) -> Iterator[socket.socket]:
    agent = start(tmp_path, "--commands-dir", str(folder))
    try:
        deadline = time.monotonic() + PATIENCE
        with socket.socket(socket.AF_UNIX) as made:
            made.settimeout(PATIENCE)
            while made.connect_ex(str(tmp_path / "s")):
                assert time.monotonic() < deadline
                assert agent.poll() is None
                time.sleep(0.01)
            yield made
    finally:
        agent.terminate()
        agent.communicate(timeout=PATIENCE)


def ask(line: socket.socket, name: str, **arguments: object) -> dict[str, dict[str, object]]:
    line.sendall(json.dumps({"execute": name, "arguments": arguments}).encode())
    answer = b""
    while not answer.endswith(b"\n"):
        data = line.recv(65536)
        assert data
        answer += data
    return json.loads(answer)  # type: ignore[no-any-return]


def test_the_pack_works(line: socket.socket) -> None:
    found = ask(line, "site-get-statvfs", path="/")["return"]
    assert found["f_frsize"] == os.statvfs("/").f_frsize
    assert sorted(found) == ["f_bavail", "f_blocks", "f_frsize"]
    assert ask(line, "site-get-statvfs")["error"]["desc"] == "Parameter 'path' is missing"
    text = "failed to get the statistics of '/gone/away': No such file or directory"
    assert ask(line, "site-get-statvfs", path="/gone/away")["error"]["desc"] == text
    commands = ask(line, "guest-info")["return"]["supported_commands"]
    assert {"enabled": True, "name": "site-get-statvfs", "success-response": True} in commands  # type: ignore[operator]


def test_the_client_has_it_as_a_method(line: socket.socket, tmp_path: Path, folder: Path) -> None:
    line.close()  # the agent serves one host at a time
    code = (
        block("python", 1)
        .replace("/run/ga.sock", str(tmp_path / "s"))
        .replace("/etc/guestwire/commands", str(folder))
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    assert int(done.stdout) > 0


def test_a_faulty_pack_keeps_the_agent_from_starting(tmp_path: Path, folder: Path) -> None:
    (folder / "room.py").write_text("def site_get_statfs(path): pass\n")
    agent = start(tmp_path, "--commands-dir", str(folder))
    _, told = agent.communicate(timeout=PATIENCE)
    assert agent.returncode == 1
    assert f"{folder}/room.py: the command site-get-statvfs has no function site_get_statvfs" in told
    assert f"{folder}/room.py:1: the function site_get_statfs belongs to no command" in told
    assert "Traceback" not in told

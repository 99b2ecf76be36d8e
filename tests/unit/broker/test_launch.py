from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from guestwire.broker import launch
from guestwire.broker.audit import verify
from guestwire.broker.server import Broker
from guestwire.discovery import Found, Located
from guestwire.errors import ConfigError, StartError
from tests.contract.agents import SOURCE, Peer, running

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(SOURCE)}


def test_a_wrong_guest_is_named() -> None:
    for texts in (("web1",), ("a=unix:/x", "a=unix:/y"), (".x=unix:/x",), ("a=unix:",)):
        with pytest.raises(ConfigError):
            launch.guests_of(texts)
    assert launch.guests_of(("a=unix:/x=y",)) == {"a": "unix:/x=y"}


def test_where_the_sockets_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guestwire.broker.launch.os.geteuid", lambda: 0)
    assert launch.run_folder() == Path("/run/guestwire")
    monkeypatch.setattr("guestwire.broker.launch.os.geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1000")
    assert launch.run_folder() == Path("/run/user/1000/guestwire")
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    with pytest.raises(ConfigError, match="--run-dir"):
        launch.run_folder()


async def test_guests_are_followed(tmp_path: Path) -> None:
    async with Broker({}, tmp_path) as broker:
        await launch.follow(broker, {"a": "unix:/a", "b": "unix:/b", "../c": "unix:/c"})
        assert {name: state["address"] for name, state in broker.states().items()} == {
            "a": "unix:/a",
            "b": "unix:/b",
        }
        await launch.follow(broker, {"a": "unix:/other"})
        assert {name: state["address"] for name, state in broker.states().items()} == {"a": "unix:/other"}


async def test_what_discovery_finds_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Found([Located("web1", "qemu", "unix:/a"), Located("off", "qemu", None, "no channel")], [])
    asked = []

    def find(sources: list[str]) -> Found:
        asked.append(sources)
        return found

    monkeypatch.setattr(launch, "find", find)
    async with Broker({}, tmp_path) as broker:
        task = asyncio.ensure_future(launch._look(broker))
        async with asyncio.timeout(20):
            while not broker.states():
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert list(broker.states()) == ["web1"]
        assert "broker" not in asked[0]


def test_the_whole_program(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('[[rule]]\nwho = ["everyone"]\nallow = ["audit"]\n')
    run, log = tmp_path / "run", tmp_path / "audit"
    (tmp_path / "agent").mkdir()
    with running(True, tmp_path / "agent") as agent:
        command = [
            sys.executable,
            "-m",
            "guestwire.broker",
            "--guest",
            f"web1=unix:{agent.path}",
            "--run-dir",
            str(run),
        ]
        program = subprocess.Popen(
            [*command, "--policy", str(policy), "--audit", str(log)],
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
            text=True,
        )
        try:
            _until(lambda: (run / "guests" / "web1.sock").exists() and (run / "status.json").exists())
            peer = Peer(run / "guests" / "web1.sock")
            assert peer.value("guest-ping") == {}
            peer.close()
            assert (run / "guests" / "web1.sock").stat().st_mode & 0o777 == 0o666
            policy.write_text("nonsense")
            program.send_signal(signal.SIGHUP)
            assert program.stderr is not None
            assert "policy not reloaded" in program.stderr.readline()
            policy.write_text("")
            program.send_signal(signal.SIGHUP)
            assert "policy reloaded" in program.stderr.readline()
            assert (run / "guests" / "web1.sock").stat().st_mode & 0o777 == 0o600
            program.terminate()
            assert program.wait(20) == 0
        finally:
            program.kill()
            program.wait()
            if program.stderr is not None:
                program.stderr.close()
    assert verify(log).broken is None
    calls = [json.loads(line) for line in log.read_text().splitlines() if "command" in line]
    assert [(each["command"], each["who"]["uid"]) for each in calls] == [("guest-ping", os.getuid())]
    assert not (run / "guests" / "web1.sock").exists()


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["--guest", "x"], 2, "guestwire broker: --guest 'x': write NAME=ADDRESS"),
        (["--guest", "a=unix:/x", "--policy", "/none"], 2, "guestwire broker: /none: No such file"),
        (["--guest", "a=unix:/x", "--audit", "/none/x"], 1, "guestwire broker: /none/x: No such file"),
        (["--guest", "a=unix:/x", "--run-dir", "/dev/null/x"], 1, "guestwire broker: /dev/null/x"),
    ],
)
def test_a_mistake_is_one_line(
    words: list[str],
    status: int,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from guestwire.broker.__main__ import main

    monkeypatch.setattr(sys, "argv", ["guestwire.broker", *words])
    assert main() == status
    error = capsys.readouterr().err
    assert error.startswith(message)
    assert error.count("\n") == 1


def test_a_policy_is_needed_to_be_read_again(tmp_path: Path) -> None:
    with pytest.raises(StartError):
        launch.serve(launch.Choices(("a=unix:/x",), Path("/dev/null/x")))


def _until(there: object) -> None:
    import time

    end = time.monotonic() + 30
    while not there():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)

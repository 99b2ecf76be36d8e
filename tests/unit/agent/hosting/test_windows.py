"""What Windows' service manager gets and calls; the manager itself is played."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

import guestwire
from guestwire.agent.config import Config
from guestwire.agent.hosting import windows
from guestwire.agent.system.windows import console, eventlog, services
from guestwire.errors import ConfigError, StartError


def test_the_state_folder_is_made(tmp_path: Path) -> None:
    config = Config()
    config.statedir = str(tmp_path / "a" / "b")
    windows.prepare(config)
    windows.prepare(config)
    assert (tmp_path / "a" / "b").is_dir()


def test_a_state_folder_that_cannot_be_made(tmp_path: Path) -> None:
    config = Config()
    (tmp_path / "file").touch()
    config.statedir = str(tmp_path / "file" / "b")
    with pytest.raises(StartError, match="cannot make the state folder"):
        windows.prepare(config)


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (["-s", "install", "-m", "isa-serial"], ["-m", "isa-serial"]),
        (["-p", "COM1", "--service", "install"], ["-p", "COM1"]),
        (["--service=install", "-v"], ["-v"]),
        (["-sinstall", "-t", "C:\\a b"], ["-t", '"C:\\a b"']),
    ],
)
def test_the_services_command_line(words: list[str], kept: list[str]) -> None:
    line = windows.service_command(words)
    assert line.startswith(sys.executable)
    assert str(Path(guestwire.__file__).parent.parent) in line
    assert line.endswith(" ".join(["--daemonize", "--retry-path", *kept]))


def test_verbs(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(services, "install", lambda *a: calls.append(("install", *a)))
    monkeypatch.setattr(services, "uninstall", lambda *a: calls.append(("uninstall", *a)))
    monkeypatch.setattr(eventlog, "register", lambda *a: calls.append(("register", *a)))
    monkeypatch.setattr(eventlog, "unregister", lambda *a: calls.append(("unregister", *a)))
    assert windows.manage("install", ["-s", "install"]) == 0
    assert windows.manage("uninstall", []) == 0
    assert [call[0] for call in calls] == ["install", "register", "uninstall", "unregister"]
    assert {call[1] for call in calls} == {"guestwire-agent"}
    with pytest.raises(ConfigError, match="use install or uninstall"):
        windows.manage("vss-install", [])


def test_a_refusal_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(13, "Access is denied.")

    monkeypatch.setattr(services, "install", refuse)
    with pytest.raises(
        StartError, match=r"cannot install the service guestwire-agent: Access is denied; this"
    ):
        windows.manage("install", [])


def test_serving(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "run", lambda name, serve, stop: serve())
    config = Config()
    config.daemon = True
    assert windows.serve(config, lambda: 0) == 0
    assert not config.daemon


def test_a_fault_of_the_start_is_in_the_event_log(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[Any, ...]] = []
    monkeypatch.setattr(services, "run", lambda name, serve, stop: serve())
    monkeypatch.setattr(eventlog, "report", lambda *a: told.append(a))

    def start() -> int:
        raise StartError("no such port")

    assert windows.serve(Config(), start) == 1
    assert told == [("guestwire-agent", "no such port", eventlog.ERROR)]


def test_not_started_by_the_service_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(1063, "no")

    monkeypatch.setattr(services, "run", refuse)
    with pytest.raises(StartError, match="only the service manager"):
        windows.serve(Config(), lambda: 0)


def test_stopping_reaches_the_warden(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[str] = []
    monkeypatch.setattr(windows, "_enders", [])
    monkeypatch.setattr(console, "on_control", lambda end: rung.append("console"))
    windows.when_told_to_end(lambda: rung.append("end"))
    windows.stop()
    assert rung == ["console", "end"]

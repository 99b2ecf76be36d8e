"""What Windows' service manager gets and calls; the manager itself is played."""

from __future__ import annotations

import sys
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

import guestwire
from guestwire.agent.config import Config
from guestwire.agent.hosting import windows
from guestwire.agent.system.windows import console, eventlog, services
from guestwire.agent.system.windows.com.types import ComError
from guestwire.agent.system.windows.vss import offering, registration
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
    monkeypatch.setattr(registration, "install", lambda *a: calls.append(("vss", *a)))
    monkeypatch.setattr(registration, "uninstall", lambda: calls.append(("no vss", "guestwire-agent")))
    for verb in ("install", "uninstall", "vss-install", "vss-uninstall"):
        assert windows.manage(verb, ["-s", verb]) == 0
    steps = ["install", "register", "vss", "no vss", "uninstall", "unregister", "vss", "no vss"]
    assert [call[0] for call in calls] == steps
    assert {call[1] for call in calls} == {"guestwire-agent"}
    with pytest.raises(ConfigError, match="vss-uninstall"):
        windows.manage("start", [])


def test_a_windows_without_vss(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The service is installed all the same; the verb that is about VSS alone fails."""

    def refuse(*_: str) -> None:
        raise ComError("CoCreateInstance", 0x80040154)

    def deny(*_: str) -> None:
        raise PermissionError(13, "Access is denied.")

    for name in ("install", "uninstall"):
        monkeypatch.setattr(services, name, lambda *_: None)
        monkeypatch.setattr(registration, name, refuse)
    for name in ("register", "unregister"):
        monkeypatch.setattr(eventlog, name, lambda *_: None)
    assert windows.manage("install", []) == 0
    told = capsys.readouterr().err
    assert "CoCreateInstance: REGDB_E_CLASSNOTREG (0x80040154)" in told
    assert "--service vss-install" in told
    assert windows.manage("uninstall", []) == 0
    assert not capsys.readouterr().err
    with pytest.raises(StartError, match="cannot install the VSS provider: CoCreateInstance"):
        windows.manage("vss-install", [])
    monkeypatch.setattr(registration, "uninstall", deny)
    with pytest.raises(StartError, match=r"cannot uninstall the VSS provider: Access is denied$"):
        windows.manage("vss-uninstall", [])


def test_the_provider_is_offered_when_it_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    offers: list[int] = []
    monkeypatch.setattr(registration, "is_installed", lambda: False)
    monkeypatch.setattr(offering, "offered", lambda: offers.append(1))
    monkeypatch.setattr(eventlog, "report", lambda _source, text, _kind: told.append(text))
    windows.offer_provider()
    assert not offers
    monkeypatch.setattr(registration, "is_installed", lambda: True)
    windows.offer_provider()
    assert offers == [1]

    def refuse() -> None:
        raise ComError("CoRegisterClassObject", 0x80004015)

    monkeypatch.setattr(offering, "offered", refuse)
    windows.offer_provider()
    assert told == ["the VSS provider cannot be offered: CoRegisterClassObject: 0x80004015"]


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
    offers: Queue[int] = Queue()
    monkeypatch.setattr(windows, "offer_provider", lambda: offers.put(1))
    config = Config()
    config.daemon = True
    assert windows.serve(config, lambda: 0) == 0
    assert not config.daemon
    assert offers.get(timeout=10) == 1


def test_a_fault_of_the_start_is_in_the_event_log(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[Any, ...]] = []
    monkeypatch.setattr(services, "run", lambda name, serve, stop: serve())
    monkeypatch.setattr(eventlog, "report", lambda *a: told.append(a))
    monkeypatch.setattr(windows, "offer_provider", lambda: None)

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

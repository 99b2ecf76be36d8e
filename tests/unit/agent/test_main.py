from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from guestwire.agent import main as start
from guestwire.agent import service
from guestwire.agent.main import main, program_name

if TYPE_CHECKING:
    from guestwire.agent.channels.base import Channel
    from guestwire.agent.config import Config
    from guestwire.agent.log import Log
    from guestwire.agent.persist import Persist


class Recorder:
    """Stands in for the service: remembers what it was built with and which channel it was to serve."""

    def __init__(self) -> None:
        self.channel: Channel | None = None
        self.config: Config | None = None

    def build(self, config: Config, log: Log, persist: Persist) -> Recorder:
        self.config, self.log, self.persist = config, log, persist
        return self

    def run(self, channel: Channel) -> int:
        self.channel = channel
        channel.close()
        return 7


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    monkeypatch.setattr(service, "Service", recorder.build)
    monkeypatch.setattr(service, "command_names", lambda config: ["guest-sync", *config.commands_dirs])
    monkeypatch.setenv("QGA_CONF", "/nonexistent/agent.conf")
    for name in ("LISTEN_PID", "LISTEN_FDS", "NOTIFY_SOCKET"):
        monkeypatch.delenv(name, raising=False)
    return recorder


@pytest.fixture
def said(capfd: pytest.CaptureFixture[str]) -> pytest.CaptureFixture[str]:
    return capfd


def test_names() -> None:
    assert program_name("/usr/sbin/qemu-ga") == "qemu-ga"
    assert program_name("/x/guestwire/agent/__main__.py") == "guestwire-agent"
    assert program_name("") == "guestwire-agent"


@pytest.mark.usefixtures("recorder")
def test_version_and_help(said: pytest.CaptureFixture[str]) -> None:
    assert main(["qemu-ga", "-V"]) == 0
    assert said.readouterr().out.startswith("QEMU Guest Agent 11.1.1\n")
    assert main(["qemu-ga", "--help", "--nope"]) == 0
    assert said.readouterr().out.startswith("Usage: qemu-ga ")


@pytest.mark.usefixtures("recorder")
def test_the_words_come_from_the_command_line(
    said: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["guestwire-agent", "-V"])
    assert main() == 0
    assert "guestwire-agent" in said.readouterr().out


@pytest.mark.usefixtures("recorder")
def test_a_wrong_option(said: pytest.CaptureFixture[str]) -> None:
    assert main(["/sbin/qemu-ga", "--nope"]) == 1
    out, err = said.readouterr()
    assert err == "/sbin/qemu-ga: unrecognized option '--nope'\n"
    assert out == "Unknown option, try '/sbin/qemu-ga --help' for more information.\n"


@pytest.mark.usefixtures("recorder")
def test_the_list_of_commands(said: pytest.CaptureFixture[str]) -> None:
    assert main(["qemu-ga", "--commands-dir", "/x", "-b", "help"]) == 0
    assert said.readouterr().out == "guest-sync\n/x\n"


def test_dump_needs_no_device(recorder: Recorder, said: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["qemu-ga", "-D", "-t", str(tmp_path)]) == 0
    out, err = said.readouterr()
    assert "path=/dev/virtio-ports/org.qemu.guest_agent.0\n" in out
    assert err == ""
    assert os.listdir(tmp_path) == []
    assert recorder.config is None


def test_a_start(recorder: Recorder, tmp_path: Path) -> None:
    words = [
        "qemu-ga",
        "-m",
        "unix-listen",
        "-p",
        str(tmp_path / "s"),
        "-t",
        str(tmp_path),
        "-l",
        str(tmp_path / "log"),
        "-v",
    ]
    assert main(words) == 7
    assert recorder.channel is not None
    assert recorder.config is not None
    assert recorder.config.method == "unix-listen"
    assert (tmp_path / "qga.state").exists()
    recorder.log.error("x")
    started, error = (tmp_path / "log").read_text().splitlines()
    assert started.endswith(f": info: started, serving unix-listen {tmp_path}/s")
    assert error.endswith(": critical: x")


@pytest.mark.usefixtures("recorder")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["-m", "unix-listen"],
            "must specify a path for this channel: 'unix-listen' has no default, use --path",
        ),
        (["-p", "DIR/none"], "cannot open DIR/none: No such file or directory; "),
        (["-m", "unix-listen", "-p", "DIR"], "cannot listen on DIR: it is there and not a socket; "),
        (["-m", "foo", "-p", "DIR"], "unknown method 'foo': use virtio-serial, "),
        (["-t", "DIR/none"], "cannot write state file DIR/none/qga.state: No such file or directory; "),
        (["-c", "DIR"], "cannot read configuration file DIR: not a regular file"),
        (["-m", "unix-listen", "-p", "DIR/s", "-l", "DIR/x/y"], "cannot open log file DIR/x/y: No such file"),
        (["--freeze-timeout", "x"], "freeze-timeout is 'x': use a number of seconds, 0 for no limit"),
    ],
)
def test_faults_are_one_line(
    said: pytest.CaptureFixture[str], tmp_path: Path, words: list[str], message: str
) -> None:
    words = [word.replace("DIR", str(tmp_path)) for word in words]
    state = [] if "-t" in words else ["-t", str(tmp_path)]
    assert main(["/usr/bin/guestwire-agent", *state, *words]) == 1
    out, err = said.readouterr()
    assert err.startswith("guestwire-agent: " + message.replace("DIR", str(tmp_path)))
    assert err.count("\n") == 1
    assert out == ""


def test_interrupted(recorder: Recorder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def interrupt(_: Channel) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(recorder, "run", interrupt)
    assert main(["qemu-ga", "-m", "unix-listen", "-p", str(tmp_path / "s"), "-t", str(tmp_path)]) == 1


def test_systemd_is_told(recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        path = str(tmp_path / "s")
        assert main(["qemu-ga", "-m", "unix-listen", "-p", path, "-t", str(tmp_path)]) == 7
        assert (
            manager.recv(1000).decode()
            == f"READY=1\nSTATUS=serving unix-listen {path}\nMAINPID={os.getpid()}"
        )
        assert manager.recv(1000) == b"STOPPING=1"
    assert "NOTIFY_SOCKET" not in os.environ
    assert recorder.channel is not None


def test_begun_frozen_files_wait_for_the_thaw(
    recorder: Recorder, tmp_path: Path, said: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "qga.state.isfrozen").touch()
    log = tmp_path / "log"
    assert (
        main(["q", "-m", "unix-listen", "-p", str(tmp_path / "s"), "-t", str(tmp_path), "-l", str(log)]) == 7
    )
    assert recorder.log.suspended
    recorder.log.error("kept")
    assert not log.exists()
    assert not (tmp_path / "qga.state").exists()
    recorder.persist.clear_frozen()
    recorder.log.suspended = False
    assert log.read_text().endswith("critical: kept\n")
    assert said.readouterr().err == ""


def test_what_fails_at_the_thaw_is_logged(
    recorder: Recorder, tmp_path: Path, said: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "qga.state.isfrozen").touch()
    log = str(tmp_path / "none" / "log")
    assert main(["q", "-m", "unix-listen", "-p", str(tmp_path / "s"), "-t", str(tmp_path), "-l", log]) == 7
    recorder.log.suspended = False
    recorder.persist.clear_frozen()
    assert "critical: cannot open log file" in said.readouterr().err


def test_in_the_background(recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from guestwire.agent.hosting import daemon

    claims: list[bool] = []

    def daemonize(pidfile: daemon.PidFile, claim: bool) -> None:
        claims.append(claim)
        if claim:
            pidfile.claim()

    monkeypatch.setattr(daemon, "daemonize", daemonize)
    pid = tmp_path / "pid"
    words = ["q", "-d", "-m", "unix-listen", "-p", str(tmp_path / "s"), "-t", str(tmp_path), "-f", str(pid)]
    assert main(words) == 7
    assert not pid.exists()
    (tmp_path / "qga.state.isfrozen").touch()
    assert main(words) == 7
    recorder.persist.clear_frozen()
    assert pid.read_text() == f"{os.getpid()}\n"
    assert claims == [True, False]


def test_a_socket_from_the_service_manager(
    recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: pytest.CaptureFixture[str]
) -> None:
    from guestwire.agent.channels import activation

    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "s"))
    listener.listen(1)
    fd = listener.detach()
    monkeypatch.setattr(activation.method_of, "__defaults__", (fd,))
    monkeypatch.setattr(activation.Activated.__init__, "__defaults__", (fd,))
    for extra in (["-D"], []):
        monkeypatch.setenv("LISTEN_PID", str(os.getpid()))
        monkeypatch.setenv("LISTEN_FDS", "1")
        assert main(["q", "-m", "isa-serial", "-p", "/x", "-t", str(tmp_path), *extra]) == (0 if extra else 7)
        assert "LISTEN_PID" not in os.environ
    out = said.readouterr().out
    assert "method=unix-listen\npidfile=" in out
    assert recorder.channel is not None


def test_nobody_reads_the_help(monkeypatch: pytest.MonkeyPatch) -> None:
    start._write(-1, b"x")

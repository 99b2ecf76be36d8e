"""A real daemon process that watches real agents."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from tests.contract.agents import ORACLE, running
from tests.interop.monitor.conftest import free_port, get, get_json, until

ROOT = Path(__file__).parents[3]
MEMORY = "node_memory_MemTotal_bytes"


class Daemon:
    def __init__(self, folder, *options):
        self.url = f"http://127.0.0.1:{free_port()}"
        listen = self.url.removeprefix("http://")
        command = [sys.executable, "-m", "guestwire.daemon", "--listen", listen, "--interval", "1"]
        command += ["--no-discover"]  # other guests of this machine are not ours to ask
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "GUESTWIRE_RUN_DIR": str(folder / "run"),
        }
        self._log = folder / "daemon.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--data-dir", str(folder / "data"), *options], env=environment, stderr=log
            )

    def log(self):
        return self._log.read_text()

    def metrics(self, guest):
        with contextlib.suppress(urllib.error.HTTPError):
            return get(f"{self.url}/guests/{guest}/metrics")
        return ""

    def sees(self, guest):
        until(lambda: self.process.poll() is not None or MEMORY in self.metrics(guest))
        assert self.process.poll() is None, self.log()

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(15), self.log()


@pytest.fixture
def start(tmp_path):
    started = []

    def begin(*options):
        started.append(Daemon(tmp_path, *options))
        return started[-1]

    yield begin
    for daemon in started:
        if daemon.process.poll() is None:
            daemon.process.kill()
        daemon.process.wait()


@pytest.fixture(params=[True, False], ids=["ours", "c"])
def agent(request, tmp_path):
    if not request.param and not shutil.which(ORACLE):
        pytest.skip("qemu-ga is not installed (Debian: qemu-guest-agent)")
    (tmp_path / "guest").mkdir()
    with running(request.param, tmp_path / "guest") as it:
        yield f"unix:{it.path}"


def points(daemon):
    answer = get_json(f"{daemon.url}/api/v1/guests/web/query?series={MEMORY}&step=1")
    return len(answer["result"][0]["starts"])


def test_a_guest_is_watched_and_the_figures_are_valid(start, agent):
    daemon = start("--guest", f"web={agent}")
    daemon.sees("web")
    assert get_json(f"{daemon.url}/api/v1/guests")["guests"][0]["up"] is True
    assert any(s["name"] == MEMORY for s in get_json(f"{daemon.url}/api/v1/guests/web/series")["series"])
    assert get_json(f"{daemon.url}/sd")[0]["labels"]["__metrics_path__"] == "/guests/web/metrics"
    assert get(f"{daemon.url}/readyz") == "ready\n"
    promtool = shutil.which("promtool")
    if promtool:
        for path in ("/metrics", "/guests/web/metrics"):
            text = get(daemon.url + path)
            command = [promtool, "check", "metrics"]
            said = subprocess.run(command, input=text, capture_output=True, text=True, check=False).stderr
            assert "error while linting" not in said
            assert [line for line in said.splitlines() if not line.startswith("node_")] == []
    status, log = daemon.end()
    assert status == 0
    assert log.count("\n") == 1, log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_history_is_kept_over_an_end(start, tmp_path, number):
    (tmp_path / "guest").mkdir()
    with running(True, tmp_path / "guest") as agent:
        first = start("--guest", f"web=unix:{agent.path}")
        first.sees("web")
        until(lambda: points(first) >= 3)
        first.end(number)
    second = start("--guest", "web=unix:/nowhere")
    until(lambda: get(f"{second.url}/healthz"))
    assert points(second) >= 2, "all but the second that was not yet flushed"


def test_reload_changes_guests_and_a_mistake_changes_nothing(start, tmp_path):
    config = tmp_path / "g.toml"
    config.write_text('[guests]\na = "unix:/a"\n')
    daemon = start("--config", str(config))

    def names():
        return [guest["name"] for guest in get_json(f"{daemon.url}/api/v1/guests")["guests"]]

    until(lambda: names() == ["a"])
    config.write_text('[guests]\nb = "unix:/b"\n')
    daemon.process.send_signal(signal.SIGHUP)
    until(lambda: names() == ["b"])
    config.write_text("[guest]\n")
    daemon.process.send_signal(signal.SIGHUP)
    until(lambda: "did you mean 'guests'?" in daemon.log())
    assert names() == ["b"]
    assert daemon.end()[0] == 0


def test_who_may_ask(start, tmp_path):
    config = tmp_path / "g.toml"
    config.write_text('token = "secret"\n')
    daemon = start("--config", str(config))
    until(lambda: get(f"{daemon.url}/healthz"))

    def status(path="/metrics", **headers):
        try:
            with urllib.request.urlopen(urllib.request.Request(daemon.url + path, headers=headers)) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return json.load(error)["status"]

    right = "Bearer secret"
    assert status(Authorization=right) == 200
    assert status() == status(Authorization="Bearer wrong") == 401
    assert status(Authorization=right, Host="evil.example") == 421
    assert status("/nothing", Authorization=right) == 404
    assert status("/guests/x/metrics", Authorization=right) == 404


def test_what_cannot_start_says_why_in_a_line(start):
    for options, says in (
        (("--listen", "0.0.0.0:1"), "set a token"),
        (("--guest", "x"), "NAME=ADDRESS"),
        (("--check", "--interval", "0"), "0"),
    ):
        daemon = start(*options)
        assert daemon.process.wait(15) == 2
        assert says in daemon.log()
        assert daemon.log().count("\n") == 1


def test_systemd_is_told(start, tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(15)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "200000")
        daemon = start()
        assert manager.recv(4096).startswith(b"READY=1\n")
        assert manager.recv(4096) == b"WATCHDOG=1"
        daemon.process.terminate()
        while manager.recv(4096) == b"WATCHDOG=1":
            pass
        assert daemon.process.wait(15) == 0


def test_the_scrape_configuration_is_valid():
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    file = ROOT / "contrib" / "prometheus" / "prometheus.yml"
    assert (
        subprocess.run([promtool, "check", "config", file], capture_output=True, check=False).returncode == 0
    )

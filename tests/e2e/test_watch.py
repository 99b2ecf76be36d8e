"""A real guest, watched from outside: its disk and memory are filled, its CPUs burnt; figures, alert, notification and
the end of the alert follow. Figures are those of node_exporter in the same guest.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from .harness.guest import DEFAULT_PORT, Guest

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0  # seconds; under emulation on a busy machine
EXPORTER = "prometheus-node-exporter"
MOUNT = "/mnt/ext4"
FULL = pytest.mark.skipif(
    not os.environ.get("GUESTWIRE_FULL"), reason="full part: GUESTWIRE_FULL=1 (make e2e) runs it"
)
RULES = """
[[rule]]
name = "DiskFull"
expr = 'node_filesystem_avail_bytes{mountpoint="/mnt/ext4"} / node_filesystem_size_bytes < 0.2'
every = "1s"
summary = "{mountpoint} of {guest} has {value:percent} left"

[[rule]]
name = "MemoryShort"
expr = 'node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < LEAST'
every = "1s"
summary = "{guest} is short of memory"

[[rule]]
name = "CpuBurns"
expr = '1 - avg without (cpu, mode) (rate(node_cpu_seconds_total{mode="idle"}[20s])) > 0.9'
every = "1s"
summary = "the CPUs of {guest} burn"
"""


FETCH = b"""
import socket
line = socket.create_connection(("127.0.0.1", 9100), 60)
line.sendall(b"GET /metrics HTTP/1.0\\r\\n\\r\\n")
with line.makefile("rb") as answer:
    print(answer.read().decode())
"""


class Told:
    """A webhook's other end: what was told, by rule and status."""

    def __init__(self) -> None:
        self.alerts: list[tuple[str, str]] = []
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                told.alerts += [(each["labels"]["alertname"], each["status"]) for each in body["alerts"]]
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Watched:
    """The daemon over one guest."""

    def __init__(self, guest: Guest, folder: Path, told: Told, least: float) -> None:
        self.guest, self.told = guest, told
        (folder / "rules.toml").write_text(RULES.replace("LEAST", f"{least:.3f}"))
        (folder / "g.toml").write_text(
            f'rules = ["{folder}/rules.toml"]\ninterval = 2\ndiscover = false\n'
            f'[guests]\nlight = "unix:{guest.socket_of(DEFAULT_PORT)}"\n'
            f'[notify]\nwebhooks = ["{told.url}"]\nwait = "1s"\ninterval = "1s"\n'
        )
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._address = f"127.0.0.1:{probe.getsockname()[1]}"
        words = [
            "serve",
            "--config",
            str(folder / "g.toml"),
            "--data-dir",
            str(folder),
            "--listen",
            self._address,
        ]
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "GUESTWIRE_RUN_DIR": str(folder / "run"),
        }
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "guestwire.cli", *words], env=environment, stderr=log
            )

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://{self._address}{path}", timeout=30) as answer:
            return str(answer.read().decode())

    def figures(self) -> dict[str, float]:
        """The guest's newest figures, by series; none before the first poll."""
        try:
            return figures(self.get("/guests/light/metrics"))
        except OSError:
            return {}

    def until(self, what: Callable[[], Any]) -> Any:
        end = time.monotonic() + PATIENCE
        while not (found := what()):
            assert self.process.poll() is None, self._log.read_text()
            assert time.monotonic() < end, (self.told.alerts, self.figures())
            time.sleep(0.5)
        return found

    def states(self) -> dict[str, str]:
        """The state of each alert by its rule."""
        return {each["rule"]: each["state"] for each in json.loads(self.get("/api/v1/alerts"))["alerts"]}

    def follows(self, rule: str, begin: str, end: str) -> None:
        """What `begin` does in the guest fires the rule and is told; what `end` does resolves it and is told."""
        self.guest.sh(begin)
        self.until(lambda: self.states().get(rule) == "firing")
        self.until(lambda: (rule, "firing") in self.told.alerts)
        self.guest.sh(end)
        self.until(lambda: self.states().get(rule) in ("resolved", None))
        self.until(lambda: (rule, "resolved") in self.told.alerts)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(30)


def figures(text: str) -> dict[str, float]:
    """An exposition's values by series."""
    found = re.findall(r"^([a-zA-Z_][^ {]*(?:\{.*\})?) (\S+)$", text, re.MULTILINE)
    return {series: float(value) for series, value in found}


@pytest.fixture
def watched(light: Guest, tmp_path: Path) -> Iterator[Watched]:
    light.sh(f"rm -f {MOUNT}/fill /tmp/fill")
    total, available = (
        int(light.sh(f"awk '/^{name}:/ {{print $2}}' /proc/meminfo")) for name in ("MemTotal", "MemAvailable")
    )
    told = Told()
    daemon = Watched(light, tmp_path, told, least=available / total * 0.7)
    try:
        daemon.until(lambda: f'mountpoint="{MOUNT}"' in str(daemon.figures()))
        yield daemon
    finally:
        daemon.close()
        told.close()
        light.sh(
            f"rm -f {MOUNT}/fill /tmp/fill; kill $(cat /tmp/burn.pids) 2>/dev/null; rm -f /tmp/burn.pids",
            check=False,
        )


def test_a_full_disk_is_seen_told_and_over(watched: Watched) -> None:
    watched.follows(
        "DiskFull",
        f"dd if=/dev/zero of={MOUNT}/fill bs=1M count=220 2>/dev/null; sync",
        f"df -k {MOUNT} >/tmp/df; rm {MOUNT}/fill; sync",
    )
    free = int(watched.guest.sh(f"df -k {MOUNT} | tail -1").split()[3]) * 1024
    told = next(
        v for k, v in watched.figures().items() if k.startswith("node_filesystem_avail_bytes") and MOUNT in k
    )
    assert told == pytest.approx(free, rel=0.02)


@FULL
def test_memory_that_is_taken_is_seen_told_and_over(watched: Watched) -> None:
    available = int(watched.figures()["node_memory_MemAvailable_bytes"]) >> 20
    watched.follows(
        "MemoryShort",
        f"dd if=/dev/urandom of=/tmp/fill bs=1M count={available // 2} 2>/dev/null",
        "rm /tmp/fill",
    )


@FULL
def test_cpus_that_burn_are_seen_told_and_over(watched: Watched) -> None:
    burn = "(while :; do :; done) >/dev/null 2>&1 & echo $! >>/tmp/burn.pids"
    watched.follows("CpuBurns", f"{burn}; {burn}", "kill $(cat /tmp/burn.pids); rm /tmp/burn.pids")


@FULL
def test_figures_are_those_of_node_exporter_in_the_same_guest(watched: Watched) -> None:
    ours = watched.figures()
    watched.close()  # the channel is wanted for a copy
    theirs = _exporter(watched.guest)
    for name in ("node_memory_MemTotal_bytes", "node_memory_SwapTotal_bytes"):
        assert ours[name] == theirs[name]
    assert ours["node_boot_time_seconds"] == pytest.approx(theirs["node_boot_time_seconds"], abs=2)
    size = "node_filesystem_size_bytes"
    assert _of(ours, size, MOUNT) == _of(theirs, size, MOUNT)
    for cpu in "01":
        idle = f'node_cpu_seconds_total{{cpu="{cpu}",mode="idle"}}'
        assert ours[idle] == pytest.approx(theirs[idle], abs=PATIENCE)
    for name in ("node_disk_read_bytes_total", "node_disk_written_bytes_total"):
        assert _series(ours, name) <= _series(theirs, name)
        assert _series(ours, name)


def _exporter(guest: Guest) -> dict[str, float]:
    """node_exporter's figures from inside the guest."""
    binary = shutil.which(EXPORTER)
    if binary is None:
        pytest.skip(f"{EXPORTER} is not installed")
    with guest.agent() as agent:
        agent.write_file("/tmp/exporter", Path(binary).read_bytes())
        agent.write_file("/tmp/fetch.py", FETCH)
    guest.sh("chmod +x /tmp/exporter; ip link set lo up 2>/dev/null || ifconfig lo up")
    flags = (
        "--web.listen-address=127.0.0.1:9100 --collector.filesystem.mount-points-exclude='^/(proc|sys)($|/)'"
    )
    guest.sh(f"/tmp/exporter {flags} >/tmp/exporter.log 2>&1 & echo $! >/tmp/burn.pids")
    guest.until("python3 -I -S /tmp/fetch.py >/tmp/theirs 2>/tmp/fetch.log")
    return figures(guest.sh("cat /tmp/theirs"))


def _of(found: dict[str, float], name: str, mount: str) -> float:
    return next(value for key, value in found.items() if key.startswith(name) and f'"{mount}"' in key)


def _series(found: dict[str, float], name: str) -> set[str]:
    return {key for key in found if key.startswith(name)}

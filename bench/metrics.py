"""guestwire-get-metrics against a scrape of Debian's prometheus-node-exporter: what monitoring costs a guest."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench.pairs import Figure, interleave, timed
from bench.subjects import Subject, our_command

EXPORTER = "prometheus-node-exporter"
BULK = b'{"execute":"guestwire-get-metrics"}\n'
# Those that tell what guestwire tells; all others are switched off, so that both do the same work.
COLLECTORS = (
    *("cpu", "diskstats", "filefd", "filesystem", "loadavg", "meminfo", "netdev", "pressure"),
    *("processes", "stat", "time", "vmstat"),
)


class Exporter:
    """A running exporter on a free port of the loopback."""

    def __init__(self) -> None:
        with socket.socket() as line:
            line.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{line.getsockname()[1]}"
        self._url = f"http://{address}/metrics"
        chosen = [f"--collector.{name}" for name in COLLECTORS]
        options = ["--collector.disable-defaults", *chosen, f"--web.listen-address={address}"]
        self.process = subprocess.Popen(
            [EXPORTER, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + 20
        while True:
            try:
                return self.scrape()
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)

    def scrape(self) -> None:
        with urllib.request.urlopen(self._url, timeout=20) as answer:
            answer.read()

    def cpu(self) -> float:
        """CPU seconds of all threads so far; one that has ended is not counted, to the exporter's advantage."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


def run(folder: Path, quick: bool) -> Iterator[Figure]:
    """CPU and time of a poll. Nothing where there is no exporter."""
    if shutil.which(EXPORTER) is None:
        print(f"{EXPORTER} is not installed: not measured")
        return
    agent = Subject(our_command(False), folder / "agent")
    try:
        exporter = Exporter()
        try:
            yield from _figures(agent, exporter, 5 if quick else 15)
        finally:
            exporter.close()
    finally:
        agent.close()


def _figures(agent: Subject, exporter: Exporter, rounds: int) -> Iterator[Figure]:
    def ask() -> None:
        agent.ask(BULK)

    def ours() -> float:
        before = agent.cpu()
        for _ in range(20):
            ask()
        return (agent.cpu() - before) / 20 * 1e3

    def theirs() -> float:
        before = exporter.cpu()
        for _ in range(20):
            exporter.scrape()
        return (exporter.cpu() - before) / 20 * 1e3

    yield Figure(
        "CPU of one poll of all figures in the guest", *interleave(ours, theirs, rounds), "ms", 1, 2.5
    )
    both = interleave(lambda: timed(ask) * 1e3, lambda: timed(exporter.scrape) * 1e3, rounds)
    yield Figure("time of one poll", *both, "ms")

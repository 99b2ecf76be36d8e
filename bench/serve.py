"""`guestwire serve` as it runs: simulated guests of about 80 series, polled every ten seconds, store and rules.

The peer's column holds the bound that the figure must keep, so that a ratio above 1 means: kept. CPU and memory are
the daemon's alone, from /proc; the guests answer from another process.
"""

from __future__ import annotations

import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.pairs import Figure
from bench.subjects import Subject, our_command
from bench.workload import Guest
from guestwire.monitor.samples import Poll
from guestwire.monitor.store.compact import compact, due, settle, trim_log, used_bytes
from guestwire.monitor.store.store import Store
from guestwire.monitor.store.tiers import MINUTES

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
TICKS = os.sysconf("SC_CLK_TCK")
DAY = 86400
PAST_GUESTS = 3  # with a day of history
NOTES = """
Bounds stand in the column of the peer. Simulated guests answer the bulk command; bytes a sample are of made-up figures
that move as a busy guest's do.
"""


class Serve:
    """A daemon that watches simulated guests."""

    def __init__(self, folder: Path, count: int, template: dict[str, Any]) -> None:
        self.folder, self.count = folder, count
        folder.mkdir(exist_ok=True)
        (folder / "template.json").write_text(json.dumps(template))
        self.agents = subprocess.Popen(
            [sys.executable, str(ROOT / "bench/simulated.py"), str(folder), str(count)]
        )
        _until((folder / "ready").exists)
        guests = "".join(f'"guest-{n}" = "unix:{folder}/{n}.sock"\n' for n in range(count))
        (folder / "serve.toml").write_text(f"[guests]\n{guests}")
        with socket.socket() as line:
            line.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{line.getsockname()[1]}"
        words = ["--no-discover", "--config", str(folder / "serve.toml"), "--data-dir", str(folder / "data")]
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "guestwire.daemon", *words, "--listen", self.address],
                env={**ENVIRONMENT, "GUESTWIRE_RUN_DIR": str(folder / "run")},
                stderr=log,
            )
        _until(lambda: self.get("/healthz"))

    def get(self, path: str) -> bytes:
        try:
            with urllib.request.urlopen(f"http://{self.address}{path}", timeout=30) as answer:
                return bytes(answer.read())
        except OSError:
            if self.process.poll() is not None:
                sys.exit((self.folder / "log").read_text())
            return b""

    def cpu(self) -> float:
        """CPU seconds so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def spent(self) -> float:
        """CPU milliseconds so far, of the threads that are there."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6

    def rss(self) -> float:
        """MiB."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def percent(self, seconds: float) -> float:
        """CPU of a core over some time, in percent."""
        before, began = self.cpu(), time.monotonic()
        time.sleep(seconds)
        return (self.cpu() - before) / (time.monotonic() - began) * 100

    def close(self) -> tuple[int, int]:
        """End both; gives the requests and the bulk requests that the guests saw."""
        self.process.terminate()
        self.process.wait(60)
        self.agents.terminate()
        self.agents.wait(60)
        asked, bulk = (self.folder / "asked").read_text().split()
        return int(asked), int(bulk)


def _until(done: Any) -> None:
    end = time.monotonic() + 60
    while not done():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.05)


def _template(folder: Path) -> dict[str, Any]:
    """What our agent tells of this machine, cut to a guest of two CPUs, two disks, two NICs and three filesystems."""
    agent = Subject(our_command(False), folder / "agent")
    try:
        agent.line.sendall(b'{"execute":"guestwire-get-metrics"}\n')
        with agent.line.makefile("rb") as answers:
            told: dict[str, Any] = json.loads(answers.readline())["return"]
    finally:
        agent.close()
    return {key: value[:3] if isinstance(value, list) else value for key, value in told.items()}


def run(folder: Path, quick: bool) -> Iterator[Figure]:
    template = _template(folder)
    wait, span = (15, 15) if quick else (25, 60)
    yield from _past(folder / "past", 0.1 if quick else 1.0)
    for count, (cpu, cpu_goal), (rss, rss_goal) in ((200, (12, 4), (150, 80)), (1000, (50, 15), (350, 200))):
        place = folder / str(count)
        place.mkdir()
        if count == 200:
            (folder / "past" / "data").rename(place / "data")
        serve = Serve(place, count, template)
        try:
            time.sleep(wait)
            yield Figure(
                f"daemon CPU, {count} guests", serve.percent(span), cpu, "% of a core", 1, cpu / cpu_goal
            )
            yield Figure(f"daemon RSS, {count} guests", serve.rss(), rss, "MiB", 1, rss / rss_goal)
            if count == 200:
                yield from _asked(serve, 30 if quick else 200)
        finally:
            text = serve.get("/metrics").decode()
            asked, bulk = serve.close()
        assert len(re.findall(r"^guestwire_guest_up\{.*\} 1$", text, re.MULTILINE)) == count
        yield Figure(f"round trips a poll, {count} guests", asked / bulk, 1, "", 1, 1)


def _past(folder: Path, days: float) -> Iterator[Figure]:
    """A day of history, and what it takes on disk."""
    folder.mkdir()
    store = Store(folder / "data" / "history.db")
    guests = [Guest(seed) for seed in range(PAST_GUESTS)]
    end = int(time.time())
    samples = 0
    for at in range(end - int(DAY * days), end, 10):
        for number, guest in enumerate(guests):
            samples += store.append(Poll(f"guest-{number}", at, guest.samples()), f"guest-{number}")
        if at % 600 < 10:
            store.flush()
            for entry in list(due(store, at * 1000)):
                compact(store, entry, at * 1000)
            trim_log(store)
            settle(store, MINUTES, at * 1000)
    store.flush()
    yield Figure("bytes a sample on disk after a day", used_bytes(store.db) / samples, 8, "B", 1, 4)
    store.close()


def _asked(serve: Serve, times: int) -> Iterator[Figure]:
    """HTTP while guests are polled."""
    before = serve.spent()
    scrapes = [_timed(serve, "/metrics") for _ in range(9)]
    cpu = (serve.spent() - before) / 9
    yield Figure("/metrics of 200 guests", statistics.median(scrapes), 400, "ms", 1, 4)
    yield Figure("the same, CPU of the daemon", cpu, 400, "ms", 1, 4)
    end = time.time()
    listed = Guest(0).series
    taken: list[float] = []
    before = serve.spent()
    for number in range(times):
        name, labels = listed[number % len(listed)]
        pairs = ",".join(f'{key}="{value}"' for key, value in labels)
        series = quote(f"{name}{{{pairs}}}" if pairs else name)
        path = f"/api/v1/guests/guest-{number % PAST_GUESTS}/query?series={series}"
        taken.append(_timed(serve, f"{path}&start={end - DAY}&end={end}&step=90"))
    cpu = (serve.spent() - before) / times
    taken.sort()
    yield Figure("24 h chart of one series, p50", statistics.median(taken), 50, "ms", 1, 5)
    yield Figure("24 h chart of one series, p99", taken[int(len(taken) * 0.99) - 1], 50, "ms", 1, 5)
    yield Figure("24 h chart of one series, CPU of the daemon, mean", cpu, 50, "ms", 1, 5)


def _timed(serve: Serve, path: str) -> float:
    began = time.perf_counter()
    answer = serve.get(path)
    took = (time.perf_counter() - began) * 1000
    assert answer, path
    return took

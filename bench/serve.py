"""`guestwire serve` as it runs: simulated guests of about 80 series, polled every ten seconds, store and rules.

The peer's column holds the bound that the figure must keep, so that a ratio above 1 means: kept. CPU and memory are
the daemon's alone, from /proc; the guests answer from another process.
"""

from __future__ import annotations

import json
import os
import random
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
from bench.stalls import SETTLE
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
PAST_GUESTS = 12  # with a day of history
LISTED = Guest(0).series
SERIES = len(LISTED)
FULL = 40  # guests whose memory is full when a daemon starts: each second one of them goes into a block
NOTES = """
Bounds stand in the column of the peer. Simulated guests answer the bulk command; bytes a sample are of made-up
figures that move as a busy guest's do, at times that are some milliseconds off. Charts are of twelve guests with such
a day, each of another series, while 200 are polled. `/metrics` at first is made while it is waited for; after that
each poll prepares it, and scrapes three seconds apart are of 60 guests with new figures. A stall is how late a task of
the daemon's event loop wakes that sleeps five milliseconds, while 200 guests are polled, every second one of them goes
from memory into a block and charts are asked for; its bound is this project's own. Part of it is the machine's: with
other work on the two cores all these figures grow.
"""


class Serve:
    """A daemon that watches simulated guests."""

    def __init__(self, folder: Path, count: int, template: dict[str, Any], *, watched: bool = False) -> None:
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
        program = (
            [str(ROOT / "bench/stalls.py"), str(folder / "stalls")] if watched else ["-m", "guestwire.daemon"]
        )
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *program, *words, "--listen", self.address],
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
                yield from _asked(serve, 60 if quick else 900)
        finally:
            text = serve.get("/metrics").decode()
            asked, bulk = serve.close()
        assert len(re.findall(r"^guestwire_guest_up\{.*\} 1$", text, re.MULTILINE)) == count
        yield Figure(f"round trips a poll, {count} guests", asked / bulk, 1, "", 1, 1)
    yield from _stalls(folder / "stalls", template, 10 if quick else 45)


def _past(folder: Path, days: float) -> Iterator[Figure]:
    """A day of history, and what it takes on disk."""
    folder.mkdir()
    store = Store(folder / "data" / "history.db")
    samples = 0
    end = int(time.time())
    for at in _filled(store, PAST_GUESTS, end - int(DAY * days), end):
        samples += PAST_GUESTS * SERIES
        if at % 600 < 10:
            store.flush()
            for entry in list(due(store, at * 1000)):
                compact(store, entry, at * 1000)
            trim_log(store)
            settle(store, MINUTES, at * 1000)
    store.flush()
    yield Figure("bytes a sample on disk after a day", used_bytes(store.db) / samples, 8, "B", 1, 4)
    store.close()


def _filled(store: Store, count: int, start: int, end: int) -> Iterator[int]:
    """Poll made-up guests into a store; gives each time."""
    guests = [Guest(seed) for seed in range(count)]
    dice = random.Random(0)
    for at in range(start, end, 10):
        for number, guest in enumerate(guests):
            poll = Poll(f"guest-{number}", at + dice.uniform(0, 0.02), guest.samples())
            taken = store.append(poll, f"guest-{number}")
            assert taken == SERIES
        yield at


def _stalls(folder: Path, template: dict[str, Any], seconds: float) -> Iterator[Figure]:
    """How long nobody is served at most, while polls come in, rows go into blocks, and charts are asked for."""
    folder.mkdir()
    store = Store(folder / "data" / "history.db")
    end = int(time.time())
    for _ in _filled(store, FULL, end - 35 * 60, end):
        pass
    store.close()
    serve = Serve(folder, 200, template, watched=True)
    try:
        until = time.monotonic() + SETTLE + seconds
        number = 0
        while time.monotonic() < until:
            time.sleep(0.2)
            _timed(serve, _chart(number % FULL, number, time.time()))
            if number % 25 == 0:
                _timed(serve, "/metrics")
            number += 1
    finally:
        serve.close()
    delays = json.loads((folder / "stalls").read_text())
    yield Figure("longest stall of the event loop, polls, compaction and charts", delays[0], 100, "ms", 1, 5)
    yield Figure("tenth longest", delays[9], 100, "ms", 1, 5)


def _asked(serve: Serve, times: int) -> Iterator[Figure]:
    """HTTP while guests are polled."""
    yield Figure("/metrics of 200 guests, at first", _timed(serve, "/metrics"), 400, "ms", 1, 4)
    scrapes = []
    for _ in range(9):
        time.sleep(3)
        scrapes.append(_timed(serve, "/metrics"))
    yield Figure("/metrics of 200 guests", statistics.median(scrapes), 400, "ms", 1, 4)
    end = time.time()
    before = serve.spent()
    taken = sorted(_timed(serve, _chart(number % PAST_GUESTS, number, end)) for number in range(times))
    cpu = (serve.spent() - before) / times
    yield Figure("24 h chart of one series, p50", statistics.median(taken), 50, "ms", 1, 5)
    yield Figure(f"24 h chart of one series, p99 of {times}", taken[int(times * 0.99)], 50, "ms", 1, 5)
    yield Figure("24 h chart of one series, CPU of the daemon, mean", cpu, 50, "ms", 1, 5)


def _chart(guest: int, number: int, end: float) -> str:
    """The path of a chart of a day."""
    name, labels = LISTED[number % SERIES]
    pairs = ",".join(f'{key}="{value}"' for key, value in labels)
    series = quote(f"{name}{{{pairs}}}" if pairs else name)
    return f"/api/v1/guests/guest-{guest}/query?series={series}&start={end - DAY}&end={end}&step=90"


def _timed(serve: Serve, path: str) -> float:
    began = time.perf_counter()
    answer = serve.get(path)
    took = (time.perf_counter() - began) * 1000
    assert answer, path
    return took

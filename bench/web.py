"""The dashboard in headless Chromium, against the bounds that it was given: the peer's column is the bound.

A page is opened in a fresh browser context each time, so nothing comes from a cache. "Rendered" is from the start of
the navigation to the frame after the table stands; "drawn" from the arrival of a day's figures to the frame after the
charts in sight stand.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from bench.pairs import Figure

ROOT = Path(__file__).parents[1]
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
)
GUESTS = 200
LOOKING = 50  # pages open at once
# What a page tells about itself once the frame after its mark is painted.
MARKED = """name => new Promise((done) => {
  const painted = () => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
  const marks = new PerformanceObserver((list) => {
    if (list.getEntriesByName(name).length === 0) return;
    marks.disconnect();
    painted();
  });
  marks.observe({ type: "mark", buffered: true });
})"""
# From data in hand to pixels, of all charts in sight.
DRAWN = """() => new Promise((done) => {
  const marks = performance.getEntriesByName("charted").length;
  document.querySelector('#range [aria-pressed=true]').click();
  const look = () => {
    const fetched = performance.getEntriesByName("fetched").at(-1).startTime;
    if (performance.getEntriesByName("charted").length > marks)
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - fetched)));
    else setTimeout(look, 1);
  };
  look();
})"""
NOTES = """\
The peer's column is the bound that was set ("at least"), so a ratio above 1 keeps it; the goal is a ratio as well.
Bytes are those on the wire with headers, gzip included, as the browser counts them."""


def run(folder: Path, quick: bool) -> Iterator[Figure]:
    """The figures."""
    from playwright.sync_api import sync_playwright

    rounds = 5 if quick else 15
    command = [sys.executable, "-m", "bench.fleet", str(folder), "--guests", str(GUESTS)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    fleet = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert fleet.stdout is not None
        base = fleet.stdout.readline().strip()
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
            rendered, size = zip(*(_overview(browser, base) for _ in range(rounds)), strict=True)
            yield Figure(f"first page of {GUESTS} guests, rendered", median(rendered), 300, "ms", 1, 2.5)
            yield Figure("the same, bytes on the wire", median(size) / 1e3, 250, "kB", 1, 2.5)
            yield Figure(
                "24 h of a guest, all charts in sight drawn",
                median(_charts(browser, base, rounds)),
                150,
                "ms",
                1,
                3,
            )
            seconds = 10 if quick else 30
            share = _looked_at(browser, base, fleet.pid, seconds)
            yield Figure(f"{LOOKING} live pages: daemon CPU on top", share, 5, "% of a core", 1, 5)
            browser.close()
    finally:
        fleet.terminate()
        fleet.wait(10)


def _opened(browser: Any, address: str) -> tuple[Any, Any, Callable[[], int]]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    sizes: list[int] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto("about:blank")  # a process of the browser is there, as it is when a person follows a link
    page.goto(address, wait_until="commit")
    return context, page, lambda: sum(sizes)


def _overview(browser: Any, base: str) -> tuple[float, int]:
    """Milliseconds to the painted table, and bytes."""
    context, page, size = _opened(browser, base)
    milliseconds = page.evaluate(MARKED, "rendered")
    page.wait_for_timeout(100)
    try:
        return milliseconds, size()
    finally:
        context.close()


def _charts(browser: Any, base: str, rounds: int) -> list[float]:
    """Milliseconds from the arrival of 24 hours to their charts."""
    context, page, _ = _opened(browser, f"{base}/guests/id-11?range=24h")
    page.evaluate(MARKED, "charted")
    found = [page.evaluate(DRAWN) for _ in range(rounds)]
    context.close()
    return found


def _looked_at(browser: Any, base: str, pid: int, seconds: float) -> float:
    """Percent of a core that open pages cost the daemon, beyond what it uses anyway."""
    alone = _cpu(pid, seconds)
    urls = f"{base}/api/v1/events?topics=guests,alerts"
    lookers = [
        subprocess.Popen(["curl", "-sN", "--compressed", urls], stdout=subprocess.DEVNULL)
        for _ in range(LOOKING)
    ]
    try:
        time.sleep(3)
        return max(0.0, _cpu(pid, seconds) - alone)
    finally:
        for looker in lookers:
            looker.kill()
            looker.wait()


def _cpu(pid: int, seconds: float) -> float:
    """Percent of a core that a process uses in the next seconds."""

    def used() -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before = used()
    time.sleep(seconds)
    return (used() - before) / seconds * 100

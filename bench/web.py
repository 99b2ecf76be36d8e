"""The dashboard in headless Chromium, against the bounds that it was given: the peer's column is the bound.

A page is opened in a fresh browser context each time, so nothing comes from a cache. "Rendered" is from the start of
the navigation to the frame after the table stands; "drawn" from the arrival of a day's figures to the frame after the
charts in sight stand.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

from bench import chromium, frames
from bench.pairs import Figure

ROOT = Path(__file__).parents[1]
GUESTS = 200
LOOKING = 50  # pages open at once
IN_BROWSER = 10
SETTLED = 4.0  # seconds after which a daemon has read what it remembers
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
Bytes are those on the wire with headers, gzip included, as the browser counts them. "An empty page" is what the same
browser needs at the same time for one line of text and a script of one line: read the first page's figure beside it.
A frame takes 16.7 ms when nothing is late, and nobody sees a stutter below 40 ms; that of 500 rows is the one which
one of a hundred is slower than, while figures come in, the list is scrolled, searched and sorted (the worst of the
four). 50 live pages are 50 event streams; the ten are real pages in the browser."""


def run(folder: Path, quick: bool) -> Iterator[Figure]:
    """The figures."""
    from playwright.sync_api import sync_playwright

    rounds = 5 if quick else 15
    with sync_playwright() as driver:
        browser = chromium.launch(driver)
        with _fleet(folder / "first", GUESTS) as (base, pid):
            with _empty() as nothing:
                yield from _first_page(browser, base, nothing, rounds)
            drawn = median(_charts(browser, base, rounds))
            yield Figure("24 h of a guest, all charts in sight drawn", drawn, 150, "ms", 1, 3)
            yield from _looked_at(browser, base, pid, 10 if quick else 30)
        with _fleet(folder / "smooth", frames.ROWS) as (base, _):
            context, page = _opened(browser, base)
            page.evaluate(MARKED, "rendered")
            found = frames.measure(page, 3 if quick else 10)
            name = f"{frames.ROWS} rows: slow frame, live, scrolling, typing, sorting"
            yield Figure(name, max(map(frames.slow, found.values())), 40, "ms", 1, 2)
            context.close()
        browser.close()


@contextmanager
def _fleet(folder: Path, guests: int) -> Iterator[tuple[str, int]]:
    """A made-up fleet in a process of its own: its address and process id."""
    folder.mkdir()
    command = [sys.executable, "-m", "bench.fleet", str(folder), "--guests", str(guests)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    fleet = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert fleet.stdout is not None
        address = fleet.stdout.readline().strip()
        time.sleep(SETTLED)
        yield address, fleet.pid
    finally:
        fleet.terminate()
        fleet.wait(10)


class _Nothing(BaseHTTPRequestHandler):
    """An empty page that marks itself as rendered."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        script = self.path.endswith(".js")
        body = (
            b"performance.mark('rendered')" if script else b"<!doctype html><p>x<script src=/x.js></script>"
        )
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if script else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        with suppress(ConnectionError):  # the browser hangs up
            super().handle()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _empty() -> Iterator[str]:
    """The address of an empty page."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Nothing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def _first_page(browser: Any, base: str, nothing: str, rounds: int) -> Iterator[Figure]:
    _rendered(browser, base)  # a browser that has shown a page before
    pairs = [(_rendered(browser, base), _rendered(browser, nothing)) for _ in range(rounds)]
    rendered, empty = (median(side) for side in zip(*pairs, strict=True))
    size = median(_size(browser, base) for _ in range(3)) / 1e3
    yield Figure(f"first page of {GUESTS} guests, rendered", rendered, 300, "ms", 1, 2.5)
    yield Figure("the same beside an empty page", rendered, empty, "ms")
    yield Figure("the same, bytes on the wire", size, 250, "kB", 1, 2.5)


def _opened(browser: Any, address: str) -> tuple[Any, Any]:
    """A page in a context of its own, on its way to `address`."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("about:blank")  # a process of the browser is there, as it is when a person follows a link
    page.goto(address, wait_until="commit")
    return context, page


def _rendered(browser: Any, base: str) -> float:
    """Milliseconds to the painted table."""
    context, page = _opened(browser, base)
    try:
        return float(page.evaluate(MARKED, "rendered"))
    finally:
        context.close()


def _size(browser: Any, base: str) -> int:
    """Bytes of everything that the page asks for, its event stream aside."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    sizes: list[int] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(base)
    page.evaluate(MARKED, "rendered")
    page.wait_for_timeout(300)
    context.close()
    return sum(sizes)


def _charts(browser: Any, base: str, rounds: int) -> list[float]:
    """Milliseconds from the arrival of 24 hours to their charts."""
    context, page = _opened(browser, f"{base}/guests/id-11?range=24h")
    page.evaluate(MARKED, "charted")
    found = [page.evaluate(DRAWN) for _ in range(rounds)]
    context.close()
    return found


def _looked_at(browser: Any, base: str, pid: int, seconds: float) -> Iterator[Figure]:
    """What open pages cost the daemon, beyond what it uses anyway: as streams, then as pages of the browser."""
    alone = _cpu(pid, seconds)
    urls = f"{base}/api/v1/events?topics=guests,alerts"
    lookers = [
        subprocess.Popen(["curl", "-sN", "--compressed", urls], stdout=subprocess.DEVNULL)
        for _ in range(LOOKING)
    ]
    try:
        time.sleep(3)
        share = max(0.0, _cpu(pid, seconds) - alone)
        yield Figure(f"{LOOKING} live pages: daemon CPU on top", share, 5, "% of a core", 1, 5)
    finally:
        for looker in lookers:
            looker.kill()
            looker.wait()
    alone = _cpu(pid, seconds)
    pages = [_opened(browser, base) for _ in range(IN_BROWSER)]
    for _, page in pages:
        page.wait_for_selector("#live[data-state=live]")
    time.sleep(3)
    share = max(0.0, _cpu(pid, seconds) - alone)
    yield Figure(f"{IN_BROWSER} of them in the browser", share, 5 * IN_BROWSER / LOOKING, "% of a core", 1)
    for context, _ in pages:
        context.close()


def _cpu(pid: int, seconds: float) -> float:
    """Percent of a core that a process uses in the next seconds."""

    def used() -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before = used()
    time.sleep(seconds)
    return (used() - before) / seconds * 100

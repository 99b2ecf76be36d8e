"""A real browser in front of real pages; whatever it complains about fails the test."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bench import chromium as browsers

ROOT = Path(__file__).parents[2]
PATIENCE = 20.0  # seconds; nothing waits that long but on a very busy machine


def wait(for_what: Callable[[], Any], what: str, seconds: float = 30.0) -> Any:
    """Ask again until there is an answer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = for_what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds:g} s")


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture(
    scope="package"
)  # not longer: its event loop runs in this thread, where other tests run their own
def chromium() -> Iterator[Any]:
    if browsers.PATH is None:
        pytest.skip("chromium is not installed")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE * 1000)

    with sync_playwright() as driver:
        browser = browsers.launch(driver)
        yield browser
        browser.close()


class Visit:
    """A page of the browser, its complaints, and the addresses that it asked."""

    def __init__(self, browser: Any, base: str, **options: Any) -> None:
        self.base = base
        self.context = browser.new_context(base_url=base, viewport={"width": 1440, "height": 900}, **options)
        self.context.set_default_timeout(PATIENCE * 1000)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self._forgiven: tuple[str, ...] = ()
        self.asked: list[str] = []
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.asked_something = lambda dialog: self.complaints.append(f"a dialog: {dialog.message}")
        self.page.on("dialog", self.asked_something)
        self.page.on("request", lambda request: self.asked.append(request.url))

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def forgive(self, *words: str) -> None:
        """Complaints with one of these words were meant to happen; they may come late."""
        self._forgiven += words

    def close(self) -> None:
        """Every test ends with this: no complaint, and nobody asked but the daemon."""
        self.context.close()
        assert not [text for text in self.complaints if not any(word in text for word in self._forgiven)]
        elsewhere = [url for url in self.asked if not url.startswith((self.base, "blob:", "data:"))]
        assert not elsewhere


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Visit]]:
    opened: list[Visit] = []

    def go(base: str, path: str = "/", **options: Any) -> Visit:
        opened.append(Visit(chromium, base, **options))
        opened[-1].page.goto(path)
        return opened[-1]

    yield go
    for one in opened:
        one.close()


@pytest.fixture(scope="package")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Sixty made-up guests, one of them evil, behind the real application."""
    command = [sys.executable, "-m", "bench.fleet", str(tmp_path_factory.mktemp("fleet")), "--guests", "60"]
    with subprocess.Popen(
        [*command, "--hostile"], cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture(scope="package")
def agents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """Sockets of guests by name: our agent, the stock one where it is installed, and simulated ones."""
    from tests.browser.daemons import agents_in

    yield from agents_in(tmp_path_factory.mktemp("agents"))


@pytest.fixture(scope="package")
def daemon(agents: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A daemon that watches all agents."""
    from tests.browser.daemons import Daemon

    made = Daemon(tmp_path_factory.mktemp("daemon"), agents)
    yield made
    made.close()
